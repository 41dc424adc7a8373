import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { JournalWriter, Store } from "../../src/store/index.ts";
import { type CuttableProxy, cuttableProxy } from "../support/cuttable-proxy.ts";
import { asAdmin } from "../support/postgres.ts";
import { collect, newRun } from "../support/runs.ts";
import { testDatabase } from "../support/test-database.ts";

const database = testDatabase();
let proxy: CuttableProxy;
let witness: Store;
beforeAll(async () => {
  proxy = await cuttableProxy(database.url);
  witness = await database.open();
});
afterAll(() => proxy.close());

async function seqsOf(runId: string): Promise<readonly number[]> {
  return (await collect(witness.journal(runId))).map(({ seq }) => seq);
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

const inputOf = (seq: number) => [`"item ${seq % 7}"`, `"item ${seq}"`];

/** Everything the entries of `keepAppending` refer to is there. */
async function expectInputs(runId: string): Promise<void> {
  for (const { seq, input } of await collect(witness.journal(runId))) {
    expect(await witness.list(runId, input!)).toEqual(inputOf(seq));
  }
}

/** Appends one entry after the other until told to stop; returns how many were acknowledged. */
interface Appending {
  acknowledged(): number;
  stop(): Promise<number>;
}

function keepAppending(writer: JournalWriter): Appending {
  let going = true;
  let acknowledged = 0;
  const work = (async () => {
    while (going) {
      const input = inputOf(acknowledged + 1);
      await writer.append({ entry: "started", input }).durable;
      acknowledged += 1;
    }
    return acknowledged;
  })();
  return {
    acknowledged: () => acknowledged,
    stop: () => {
      going = false;
      return work;
    },
  };
}

describe("the appender, when the connection", () => {
  it("is cut again and again, carries on: nothing lost, nothing twice, no hole", async () => {
    const store = await database.open({ database: proxy.url });
    const runs = await Promise.all(upTo(4).map(() => newRun(store)));
    const writers = await Promise.all(runs.map(({ runId }) => store.takeOver(runId)));
    const work = writers.map(keepAppending);
    const slowest = () => Math.min(...work.map((each) => each.acknowledged()));
    for (let cut = 0; cut < 25 || slowest() <= 5; cut += 1) {
      await sleep(20 + Math.random() * 60);
      proxy.cut();
    }
    const counts = await Promise.all(work.map((each) => each.stop()));
    for (const [index, { runId }] of runs.entries()) {
      expect(await seqsOf(runId)).toEqual(upTo(counts[index]!));
      await expectInputs(runId);
    }
  });

  it("breaks before the acknowledgement arrives, finds its entry there and does not write it again", async () => {
    const store = await database.open({ database: proxy.url });
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    await writer.append({ entry: "started" }).durable;
    proxy.swallowAnswers();
    const { durable } = writer.append({ entry: "finished", value: { text: '"once"' } });
    const arrived = async () => (await seqsOf(runId)).length === 2;
    while (!(await arrived())) await sleep(10);
    await proxy.restore();
    await durable;
    expect(await seqsOf(runId)).toEqual([1, 2]);
    await writer.append({ entry: "started" }).durable;
    expect(await seqsOf(runId)).toEqual([1, 2, 3]);
  });

  it("breaks before the acknowledgement of a state and a wait arrives, sends them again", async () => {
    const store = await database.open({ database: proxy.url });
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    await writer.append({ entry: "started" }).durable;
    proxy.swallowAnswers();
    const asked = { kind: "approval", name: "pay", fingerprint: "f" };
    const sent = [
      writer.openWait({ seq: 1, ...asked }),
      writer.openWait({ seq: 2, ...asked }),
      writer.closeWait(1),
      writer.putState({ status: "waiting", why: '"for ann"' }),
    ];
    while ((await witness.run(runId))!.status !== "waiting") await sleep(10);
    await proxy.restore();
    await Promise.all(sent);
    expect((await witness.waits(runId)).map(({ seq }) => seq)).toEqual([2]);
    expect(await witness.run(runId)).toMatchObject({ status: "waiting", why: '"for ann"' });
    await writer.append({ entry: "finished" }).durable;
    expect(await seqsOf(runId)).toEqual([1, 2]);
  });

  it("hangs, gives it up after the time of one try and goes on over another", async () => {
    const store = await database.open({ database: proxy.url, limits: { tryMs: 300 } });
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    await writer.append({ entry: "started", input: ['"a"'] }).durable;
    proxy.freeze();
    const { durable } = writer.append({ entry: "finished", input: ['"a"', '"b"'] });
    await sleep(400);
    await proxy.restore();
    await durable;
    expect(await seqsOf(runId)).toEqual([1, 2]);
  });

  it("stays gone, says so after the deadline; the run goes on from its journal afterwards", async () => {
    const store = await database.open({ database: proxy.url, limits: { deadlineMs: 500 } });
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    await writer.append({ entry: "started" }).durable;
    proxy.refuse();
    const results = await Promise.allSettled([
      writer.append({ entry: "finished" }).durable,
      writer.append({ entry: "started" }).durable,
      store.run(runId),
    ]);
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "STORE_UNAVAILABLE" } });
    }
    await proxy.restore();
    // A hole would follow if this hold took more: it does not, even though the database is back.
    await expect(writer.append({ entry: "started" }).durable).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    const next = await store.takeOver(runId);
    expect(next.lastSeq).toBe(1);
    await next.append({ entry: "finished" }).durable;
    expect(await seqsOf(runId)).toEqual([1, 2]);
  });

  it("is slow to take what is said, makes producers wait for room", async () => {
    const store = await database.open({ database: proxy.url, limits: { highWaterBytes: 100_000 } });
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    proxy.freeze();
    let produced = 0;
    const producing = (async () => {
      for (; produced < 200; produced += 1) {
        await writer.room();
        writer.append({ entry: "started", value: { text: JSON.stringify("x".repeat(5_000)) } });
      }
    })();
    await sleep(200);
    expect(produced).toBeGreaterThan(10);
    expect(produced).toBeLessThan(25);
    await proxy.restore();
    await producing;
    await writer.append({ entry: "finished" }).durable;
    expect(await seqsOf(runId)).toEqual(upTo(201));
  });
});

describe("the appender, when the server", () => {
  /** A role of its own, so that limits can be set on it; superuser rights would pass them. */
  async function limitedStore(role: string): Promise<Store> {
    const admin = inject("adminUrl");
    await asAdmin(admin, `create role ${role} login password 'secret'`);
    await database.pool.query(`grant usage on schema holdfast to ${role}`);
    await database.pool.query(`grant all on all tables in schema holdfast to ${role}`);
    const url = new URL(database.url);
    url.username = role;
    url.password = "secret";
    return database.open({ database: url.href });
  }

  async function terminate(role: string): Promise<void> {
    await database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1",
      [role],
    );
  }

  async function dropRole(role: string): Promise<void> {
    await terminate(role);
    await database.pool.query(`drop owned by ${role}; drop role ${role}`);
  }

  it("ends its sessions and has no connection to spare for a while, waits for one", async () => {
    const role = `crowded_${process.pid}`;
    const store = await limitedStore(role);
    const { runId } = await newRun(store);
    const work = keepAppending(await store.takeOver(runId));
    await sleep(50);
    await database.pool.query(`alter role ${role} connection limit 0`);
    await terminate(role);
    await sleep(300);
    await database.pool.query(`alter role ${role} connection limit -1`);
    await sleep(100);
    const count = await work.stop();
    expect(await seqsOf(runId)).toEqual(upTo(count));
    await store.close();
    await dropRole(role);
  });

  it("cancels statements that wait too long for a lock, tries them again", async () => {
    const role = `impatient_${process.pid}`;
    const store = await limitedStore(role);
    await database.pool.query(`alter role ${role} set statement_timeout = '60ms'`);
    await terminate(role);
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    const locker = await database.pool.connect();
    await locker.query("begin");
    await locker.query("select 1 from holdfast.runs where run_id = $1 for update", [runId]);
    const { durable } = writer.append({ entry: "started" });
    await sleep(250);
    await locker.query("commit");
    locker.release();
    await durable;
    expect(await seqsOf(runId)).toEqual([1]);
    await store.close();
    await dropRole(role);
  });

  it("isolates it so strictly that a concurrent change fails it, tries again", async () => {
    const role = `strict_${process.pid}`;
    const store = await limitedStore(role);
    await database.pool.query(
      `alter role ${role} set default_transaction_isolation = 'serializable'`,
    );
    await terminate(role);
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    const locker = await database.pool.connect();
    await locker.query("begin");
    await locker.query("update holdfast.runs set status = status where run_id = $1", [runId]);
    const { durable } = writer.append({ entry: "started", input: ['"a"'] });
    await sleep(100);
    await locker.query("commit"); // The append that waited is told: could not serialize access.
    locker.release();
    await durable;
    expect(await seqsOf(runId)).toEqual([1]);
    await store.close();
    await dropRole(role);
  });

  it("picks it as the victim of a deadlock, tries again", async () => {
    const store = await database.open();
    const runs = (await Promise.all([newRun(store), newRun(store)])).sort((a, b) => {
      const key = (id: string) => [Number.parseInt(id.slice(-3), 16) % 1024, id] as const;
      const [x, y] = [key(a.runId), key(b.runId)];
      return x[0] - y[0] || (x[1] < y[1] ? -1 : 1);
    });
    const [first, second] = await Promise.all(runs.map(({ runId }) => store.takeOver(runId)));
    const locker = await database.pool.connect();
    await locker.query("set deadlock_timeout = '60s'"); // So the appender is the one that notices.
    await locker.query("begin");
    await locker.query("select 1 from holdfast.runs where run_id = $1 for update", [second!.runId]);
    const appended = [
      first!.append({ entry: "started" }).durable,
      second!.append({ entry: "started" }).durable,
    ];
    await sleep(100); // The append holds the first run and waits for the second.
    await locker.query("select 1 from holdfast.runs where run_id = $1 for update", [first!.runId]);
    await locker.query("commit");
    await locker.query("reset deadlock_timeout");
    locker.release();
    await Promise.all(appended);
    expect(await seqsOf(first!.runId)).toEqual([1]);
    expect(await seqsOf(second!.runId)).toEqual([1]);
  });
});

describe("a closed store", () => {
  it("has written what was queued, and refuses everything after", async () => {
    const store = await database.open();
    const { runId } = await newRun(store);
    const writer = await store.takeOver(runId);
    const last = upTo(50).map(() => writer.append({ entry: "started" }).durable);
    await Promise.all([store.close(), ...last]);
    expect(await seqsOf(runId)).toEqual(upTo(50));
    await expect(writer.append({ entry: "started" }).durable).rejects.toMatchObject({
      code: "STORE_CLOSED",
    });
    await expect(store.run(runId)).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });
});
