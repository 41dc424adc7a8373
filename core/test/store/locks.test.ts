/** What two processes do at once to the same rows, held in the order that would go wrong. */
import type pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { newId, type Store } from "../../src/store/index.ts";
import { newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";
import { newWorker } from "../support/workers.ts";

const database = testDatabase();
let store: Store;
let other: Store;
beforeAll(async () => {
  store = await database.open();
  other = await database.open();
});

/** Resolves when statements of this database wait for locks. */
async function someoneWaits(howMany = 1): Promise<void> {
  const waiting = `select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await database.pool.query(waiting)).rowCount! < howMany);
}

async function deadlocks(): Promise<number> {
  await database.pool.query("select pg_stat_clear_snapshot()");
  const { rows } = await database.pool.query(
    "select deadlocks::int as n from pg_stat_database where datname = current_database()",
  );
  return rows[0].n;
}

async function expire(workerId: string): Promise<void> {
  const expiring = `update holdfast.workers
    set beat_at = now() - interval '2 ms', expires_at = now() - interval '1 ms' where worker_id = $1`;
  await database.pool.query(expiring, [workerId]);
}

/** A worker that does not beat: one that does may come to life again at any moment. */
async function silentWorker(): Promise<string> {
  const id = newId();
  await database.pool.query(
    `insert into holdfast.workers (worker_id, host, pid, beat_at, expires_at)
     values ($1, 'elsewhere', 1, now(), now() + interval '1 min')`,
    [id],
  );
  return id;
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
  started.catch(() => {}); // It may fail before the caller awaits it.
  await someoneWaits();
  await meanwhile(client);
  await client.query("commit");
  client.release();
  return started;
}

describe("a claim that has to wait for the row of the run", () => {
  it("does not rob the worker that came to life and claimed it meanwhile", async () => {
    const { runId } = await newRun(store);
    const [late, mine] = [await silentWorker(), (await newWorker(store)).id];
    await expire(late);
    const claim = await whileLocked(
      (client) => client.query("select 1 from holdfast.runs where run_id = $1 for update", [runId]),
      () => store.claim(runId, mine),
      async (client) => {
        const back =
          "update holdfast.workers set expires_at = now() + interval '1 min' where worker_id = $1";
        await database.pool.query(back, [late]);
        const taking = `update holdfast.runs
          set epoch = epoch + 1, worker_id = $2, ready_at = null where run_id = $1`;
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
    const late = await silentWorker();
    await other.claim(runId, late);
    await expire(late); // Its flush may still be under way.
    const { id } = await newWorker(store);
    const claim = await whileLocked(
      (client) =>
        client.query("update holdfast.runs set status = $2, worker_id = null where run_id = $1", [
          runId,
          status,
        ]),
      () => store.claim(runId, id),
    );
    expect(claim.is).toBe(is);
  });

  it("keeps a burial of its own worker waiting, which then finds the run", async () => {
    const { runId } = await newRun(store);
    const late = await silentWorker();
    await expire(late);
    let burying: Promise<boolean> | undefined;
    const claim = await whileLocked(
      (client) => client.query("select 1 from holdfast.runs where run_id = $1 for update", [runId]),
      () => store.claim(runId, late),
      async () => {
        burying = other.bury({ workerId: late, beats: 0, why: "expired" });
        await someoneWaits(2);
      },
    );
    expect(claim.is).toBe("mine");
    expect(await burying).toBe(true);
    const run = { status: "queued", workerId: undefined, epoch: 1 };
    expect(await store.run(runId)).toMatchObject(run);
  });
});

describe("a claim that has to wait for the row of its own worker", () => {
  it.each(["one run", "ready runs"])(
    "is refused when that was buried meanwhile: %s",
    async (what) => {
      const { runId, namespace, app, queue } = await newRun(store);
      const { id } = await newWorker(store);
      const served = { namespace, apps: [app], queues: [queue] };
      const claim = whileLocked<unknown>(
        (client) => client.query("delete from holdfast.workers where worker_id = $1", [id]),
        () =>
          what === "one run"
            ? store.claim(runId, id)
            : store.claimReady({ ...served, workerId: id, limit: 1 }),
      );
      await expect(claim).rejects.toMatchObject({ code: "WORKER_LOST", details: { workerId: id } });
      expect(await store.run(runId)).toMatchObject({ epoch: 0, workerId: undefined });
    },
  );
});

describe("a burial that comes upon a beat", () => {
  it("waits for it, and then leaves the worker alone", async () => {
    const id = await silentWorker();
    await expire(id);
    const buried = await whileLocked(
      (client) =>
        client.query(
          "update holdfast.workers set beats = beats + 1, expires_at = now() + interval '1 min' where worker_id = $1",
          [id],
        ),
      () => other.bury({ workerId: id, beats: 0, why: "expired" }),
    );
    expect(buried).toBe(false);
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

  it("comes after a flush that has the run already, and never deadlocks with it", async () => {
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    await writer.openWait({ seq: 1, kind: "approval", name: "pay", fingerprint: "f" });
    const before = await deadlocks();
    const said = await whileLocked(
      (client) => client.query("select 1 from holdfast.runs where run_id = $1 for share", [runId]),
      () => other.say(runId, { key: "d", kind: "decision", on: { wait: 1, while: "open" } }),
      (client) =>
        client.query("update holdfast.waits set closed_at = now() where run_id = $1", [runId]),
    );
    expect(said).toEqual({ won: false, control: undefined });
    expect(await deadlocks()).toBe(before);
  });
});

describe("flushes of two processes that each took a run from the other", () => {
  it("never deadlock over the states of the runs", async () => {
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
