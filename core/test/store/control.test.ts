import { beforeAll, describe, expect, it } from "vitest";
import { newId, type Store } from "../../src/store/index.ts";
import { newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";

const database = testDatabase();
let stores: readonly Store[];
beforeAll(async () => {
  stores = await Promise.all([1, 2, 3, 4].map(() => database.open()));
});

describe("what is said to a run", () => {
  it("is decided by the first writer: of four deciders at once, one wins and all read the winner", async () => {
    const { runId } = await newRun(stores[0]!);
    for (let round = 0; round < 100; round += 1) {
      const key = `decision ${round}`;
      const answers = await Promise.all(
        stores.map((store, person) =>
          store.say(runId, {
            key,
            kind: "decision",
            value: JSON.stringify(`person ${person}`),
            author: `p${person}`,
          }),
        ),
      );
      const winner = answers.find(({ won }) => won)!;
      expect(answers.filter(({ won }) => won)).toHaveLength(1);
      for (const { control } of answers) expect(control).toEqual(winner.control);
    }
    const said = await stores[0]!.said(runId);
    expect(said.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
  });

  it("is numbered without a hole, and no number is seen before the one below it", async () => {
    const { runId } = await newRun(stores[0]!);
    let done = false;
    const watching = (async () => {
      while (!done) {
        const seen = (await stores[3]!.said(runId)).map(({ seq }) => seq);
        expect(seen).toEqual(seen.map((_, index) => index + 1));
      }
    })();
    await Promise.all(
      stores.slice(0, 3).map(async (store, index) => {
        for (let n = 0; n < 40; n += 1)
          await store.say(runId, { key: `signal ${index} ${n}`, kind: "signal" });
      }),
    );
    done = true;
    await watching;
    expect(await stores[0]!.said(runId)).toHaveLength(120);
    expect((await stores[0]!.said(runId, { after: 118 })).map(({ seq }) => seq)).toEqual([
      119, 120,
    ]);
  });

  it("needs a run that is there", async () => {
    const runId = newId();
    await expect(stores[0]!.say(runId, { key: "k", kind: "cancel" })).rejects.toMatchObject({
      code: "RUN_NOT_FOUND",
    });
  });
});
