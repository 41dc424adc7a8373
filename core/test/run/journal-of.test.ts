import { expect, it } from "vitest";
import { journalOf } from "../../src/run/journal-of.ts";
import { newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";

const database = testDatabase();

it("the journal of a run whose space is known, but which was deleted, is not an empty one", async () => {
  const store = await database.open();
  const { runId, spaceId } = await newRun(store);
  expect(await journalOf(store, runId, { spaceId })).toEqual([]);
  await store.deleteSpace(spaceId);
  await expect(journalOf(store, runId, { spaceId })).rejects.toMatchObject({
    code: "RUN_NOT_FOUND",
  });
});
