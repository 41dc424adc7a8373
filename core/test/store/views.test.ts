import { describe, expect, it } from "vitest";
import { newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";

const database = testDatabase();

describe("the views for people who query", () => {
  it("show a journal with its bodies, wherever they are stored, as JSON one can look into", async () => {
    const store = await database.open();
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    writer.append({
      entry: "started",
      kind: "tool",
      name: "search",
      value: { text: '{"q":"kelp"}' },
    });
    await writer.append({
      entry: "finished",
      step: 1,
      value: { text: JSON.stringify({ hits: "x".repeat(5_000) }) },
    }).durable;

    const { rows } = await database.pool.query(
      `select seq, entry, name, body::jsonb ->> 'q' as q, length(body::jsonb ->> 'hits') as hits
       from holdfast.journal where run_id = $1 order by seq`,
      [runId],
    );
    expect(rows).toEqual([
      { seq: 1, entry: "started", name: "search", q: "kelp", hits: null },
      { seq: 2, entry: "finished", name: null, q: null, hits: 5_000 },
    ]);
    const list = await database.pool.query(
      "select app, status, entries::int from holdfast.run_list where run_id = $1",
      [runId],
    );
    expect(list.rows).toEqual([{ app: "app", status: "running", entries: 2 }]);
  });
});
