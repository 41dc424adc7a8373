import { describe, expect, it } from "vitest";
import { newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";
import { newWorker, writerOf } from "../support/workers.ts";
import { appOfRuns } from "./contract/app-of-runs.ts";

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
    expect(list.rows).toEqual([{ app: "app", status: "queued", entries: 2 }]);
  });

  it("show what runs wait for, until it is closed, and why a run is as it is", async () => {
    const store = await database.open();
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    const asked = { seq: 4, kind: "approval", name: "pay", fingerprint: "f" };
    writer.openWait({ ...asked, body: '{"amount":5}', dueInMs: 60_000 });
    await writer.putState({ status: "waiting", why: '"for ann"' });
    const waits = () =>
      database.pool.query(
        `select app, kind, name, body::jsonb ->> 'amount' as amount, seq,
                due_at - opened_at = interval '1 minute' as in_a_minute
         from holdfast.open_waits where run_id = $1`,
        [runId],
      );
    expect((await waits()).rows).toEqual([
      { app: "app", kind: "approval", name: "pay", amount: "5", seq: 4, in_a_minute: true },
    ]);
    const list = await database.pool.query(
      "select status, why from holdfast.run_list where run_id = $1",
      [runId],
    );
    expect(list.rows).toEqual([{ status: "waiting", why: '"for ann"' }]);
    await writer.closeWait(4);
    expect((await waits()).rows).toEqual([]);
  });

  it("show who holds a run, where it waits, when it is taken up and what is wrong with it", async () => {
    const store = await database.open();
    const { id } = await newWorker(store);
    const app = appOfRuns();
    const { runId } = await app.create(store, { queue: "slow" });
    const look = async () => {
      const { rows } = await database.pool.query(
        `select queue, worker_id, ready_at <= now() as ready, blocked
         from holdfast.run_list where run_id = $1`,
        [runId],
      );
      return rows[0];
    };
    const listed = { queue: "slow", worker_id: null, ready: null, blocked: null };
    expect(await look()).toEqual({ ...listed, ready: true });
    const writer = writerOf(await store.claim(runId, id));
    expect(await look()).toEqual({ ...listed, worker_id: id });
    await writer.putState({ status: "waiting", release: true, blocked: "options" });
    expect(await look()).toEqual({ ...listed, blocked: "options" });
  });
});
