/** What two processes do at once to the same rows, held in the order that would go wrong. */
import type pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { newId, type Store } from "../../src/store/index.ts";
import { newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";

const database = testDatabase();
let store: Store;
let other: Store;
beforeAll(async () => {
  store = await database.open();
  other = await database.open();
});

const worker = (id: string) => ({ id, leaseMs: 60_000, host: "here", pid: 1 });

/** Resolves when a statement of this database waits for a lock. */
async function someoneWaits(): Promise<void> {
  const waiting = `select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await database.pool.query(waiting)).rowCount === 0);
}

/** A transaction of somebody else, committed when the work is done and another waits for it. */
async function whileLocked<T>(
  work: (client: pg.PoolClient) => Promise<unknown>,
  start: () => Promise<T>,
  meanwhile: (client: pg.PoolClient) => Promise<unknown> = async () => {},
): Promise<T> {
  const client = await database.pool.connect();
  await client.query("begin");
  await work(client);
  const started = start();
  await someoneWaits();
  await meanwhile(client);
  await client.query("commit");
  client.release();
  return started;
}

describe("a claim that has to wait for the row of the run", () => {
  it("does not rob the worker that came to life and claimed it meanwhile", async () => {
    const { runId } = await newRun(store);
    const [late, mine] = [newId(), newId()];
    const claim = await whileLocked(
      (client) => client.query("select 1 from holdfast.runs where run_id = $1 for update", [runId]),
      () => store.claim(runId, mine),
      async (client) => {
        await other.beat(worker(late));
        const taking =
          "update holdfast.runs set epoch = epoch + 1, worker_id = $2 where run_id = $1";
        await client.query(taking, [runId, late]);
      },
    );
    expect(claim).toMatchObject({ is: "held", workerId: late });
    expect(await store.run(runId)).toMatchObject({ epoch: 1, workerId: late });
  });

  it.each([
    ["gets it when that was let go of meanwhile", "waiting", "mine"],
    ["does not get it when that was ended meanwhile", "completed", "over"],
  ])("%s", async (_, status, is) => {
    const { runId } = await newRun(store);
    await other.claim(runId, newId()); // By a worker that is gone: its flush may still be under way.
    const claim = await whileLocked(
      (client) =>
        client.query("update holdfast.runs set status = $2, worker_id = null where run_id = $1", [
          runId,
          status,
        ]),
      () => store.claim(runId, newId()),
    );
    expect(claim.is).toBe(is);
  });
});

describe("what is said on a wait that is being closed", () => {
  it("waits for that, and is not said", async () => {
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    await writer.openWait({ seq: 1, kind: "approval", name: "pay", fingerprint: "f" });
    const said = await whileLocked(
      (client) =>
        client.query("update holdfast.waits set closed_at = now() where run_id = $1", [runId]),
      () => other.say(runId, { key: "d", kind: "decision", on: { wait: 1, while: "open" } }),
    );
    expect(said).toEqual({ won: false, control: undefined });
    expect(await store.said(runId)).toEqual([]);
  });
});

describe("flushes of two processes that each took a run from the other", () => {
  it("never deadlock over the states of the runs", async () => {
    const deadlocks = async () => {
      await database.pool.query("select pg_stat_clear_snapshot()");
      const { rows } = await database.pool.query(
        "select deadlocks::int as n from pg_stat_database where datname = current_database()",
      );
      return rows[0].n as number;
    };
    const before = await deadlocks();
    for (let round = 0; round < 40; round += 1) {
      const [a, b] = await Promise.all([newRun(store), newRun(store)]);
      const zombies = [await store.takeOver(b.runId), await other.takeOver(a.runId)];
      const owners = [await store.takeOver(a.runId), await other.takeOver(b.runId)];
      const results = await Promise.allSettled(
        [0, 1].flatMap((index) => [
          owners[index]!.append({ entry: "finished" }).durable,
          zombies[index]!.append({ entry: "late" }).durable,
          owners[index]!.putState({ status: "completed" }),
        ]),
      );
      const each = ["fulfilled", "rejected", "fulfilled"];
      expect(results.map(({ status }) => status)).toEqual([...each, ...each]);
    }
    expect(await deadlocks()).toBe(before);
  });
});
