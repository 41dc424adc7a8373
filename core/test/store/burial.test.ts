/** Which workers are dead, as the database and the processes of this host tell, and what a burial leaves. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type NewWorker, newId, type Store } from "../../src/store/index.ts";
import { claimReady } from "../../src/store/runs/claim-ready.ts";
import { claim } from "../../src/store/runs/take-over.ts";
import { beat, enlist } from "../../src/store/workers/beat.ts";
import { bury, LOCK_CLASS } from "../../src/store/workers/bury.ts";
import { processIdentity } from "../../src/store/workers/process-identity.ts";
import { testDatabase } from "../support/test-database.ts";
import { MINUTE } from "../support/workers.ts";
import { appOfRuns } from "./contract/app-of-runs.ts";

const database = testDatabase();
const { pool } = database;
let store: Store;
beforeAll(async () => {
  store = await database.open();
});

/** A worker that tells nothing but what the test lets it tell. */
async function mute(given: Partial<NewWorker> = {}): Promise<NewWorker> {
  const worker = { id: newId(), leaseMs: MINUTE, host: "here", pid: 1, ...given };
  await enlist(pool, worker);
  onTestFinished(async () => {
    await pool.query("delete from holdfast.workers where worker_id = $1", [worker.id]);
  });
  return worker;
}

const self = (): NewWorker => {
  const process = processIdentity();
  return { id: newId(), leaseMs: MINUTE, host: "here", pid: 1, ...(process && { process }) };
};

async function suspicion({ id }: NewWorker) {
  return (await store.suspects(self())).find(({ workerId }) => workerId === id);
}

async function untilSuspected(worker: NewWorker) {
  for (;;) {
    const found = await suspicion(worker);
    if (found !== undefined) return found;
    await sleep(20);
  }
}

/** A session that holds the lock of a worker, until it is ended. */
async function holdLock(lock: number): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query("select pg_advisory_lock($1, $2)", [LOCK_CLASS, lock]);
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= client.end();
    return ending;
  };
  onTestFinished(end);
  return async () => {
    await end();
    const held = `select 1 from pg_locks where locktype = 'advisory' and objid = $1`;
    while ((await pool.query(held, [lock])).rowCount! > 0); // The server notices a little later.
  };
}

describe("a worker whose session is gone", () => {
  it("is suspected, and buried only if it has not beaten since", async () => {
    const leaseMs = 1_000; // No longer than the server is up by then.
    const release = await holdLock(11);
    const worker = await mute({ leaseMs });
    const tell = () => beat(pool, { id: worker.id, leaseMs, lock: 11, serves: undefined });
    await tell();
    expect(await suspicion(worker)).toBeUndefined();
    const beating = setInterval(tell, leaseMs / 3);
    onTestFinished(() => clearInterval(beating));
    await sleep(leaseMs);
    expect(await suspicion(worker)).toBeUndefined();

    await release();
    const early = await untilSuspected(worker);
    expect(early.why).toBe("silent");
    clearInterval(beating);
    await tell();
    expect(await store.bury(early)).toBe(false);
    const late = await untilSuspected(worker);
    expect(late).toMatchObject({ why: "silent" });
    expect(late.beats).toBeGreaterThan(early.beats);
    expect(await store.bury(late)).toBe(true);
    expect(await tell()).toBe(false);
  });

  it("is not buried when it has a session again", async () => {
    const leaseMs = 2_000;
    const worker = await mute({ leaseMs });
    await beat(pool, { id: worker.id, leaseMs, lock: 12, serves: undefined });
    const suspect = await untilSuspected(worker);
    if (suspect.why === "silent") {
      await holdLock(12);
      expect(await store.bury(suspect)).toBe(false);
    }
    expect(suspect.why).toBe("silent");
  });

  it("is not suspected if it never had one that can be relied on", async () => {
    const worker = await mute({ leaseMs: 1_500 });
    await beat(pool, { id: worker.id, leaseMs: 1_500, lock: undefined, serves: undefined });
    expect(await untilSuspected(worker)).toMatchObject({ why: "expired" });
  });
});

describe.runIf(process.platform === "linux")("a worker whose process is gone", () => {
  /** A process of this host, alive until it is killed. */
  async function otherProcess() {
    const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)"]);
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    const kill = async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    };
    return { identity: processIdentity(child.pid!)!, kill };
  }

  it("is buried at once, by those who share its place", async () => {
    const { identity, kill } = await otherProcess();
    const worker = await mute({ process: identity });
    expect(await suspicion(worker)).toBeUndefined();
    await kill();
    const suspect = await suspicion(worker);
    expect(suspect).toMatchObject({ why: "gone" });
    for (const elsewhere of [undefined, "another-boot/pid:[1]/1/1"]) {
      const looker = { ...self(), process: elsewhere };
      const seen = await store.suspects({ ...looker, process: elsewhere ?? "" });
      expect(seen.map(({ workerId }) => workerId)).not.toContain(worker.id);
    }
    expect(await store.bury(suspect!)).toBe(true);
    expect(await suspicion(worker)).toBeUndefined();
  });

  it("is not buried while its session is there: it is another that is gone", async () => {
    const { identity, kill } = await otherProcess();
    const worker = await mute({ process: identity });
    const release = await holdLock(13);
    await beat(pool, { id: worker.id, leaseMs: MINUTE, lock: 13, serves: undefined });
    await kill();
    const suspect = await suspicion(worker);
    expect(suspect).toMatchObject({ why: "gone" });
    expect(await store.bury(suspect!)).toBe(false);
    await release();
    expect(await store.bury(suspect!)).toBe(true);
  });
});

describe("claims that race with the burial of their worker", () => {
  it("leave no run with a worker that is not known, in 80 rounds", async () => {
    const racers = new pg.Pool({ connectionString: database.url, max: 10 });
    onTestFinished(() => racers.end());
    await Promise.all(Array.from({ length: 10 }, () => racers.query("select pg_sleep(0.01)")));
    let [won, lost] = [0, 0];
    for (let round = 0; round < 80; round += 1) {
      const app = appOfRuns();
      const runs = await Promise.all(Array.from({ length: 6 }, () => app.create(store)));
      const { id } = await mute({ leaseMs: 0 }); // Its lease is over, so that it can be buried.
      const order = { ...app.served, workerId: id, limit: 2 };
      const suspect = { workerId: id, beats: 0, why: "expired" } as const;
      const late = async <T>(start: () => Promise<T>) => {
        await sleep(Math.random() * 4);
        return start();
      };
      const claims = [
        ...[1, 2, 3].map(() => late(() => claimReady(racers, order))),
        ...runs.slice(0, 3).map(({ runId }) => late(() => claim(racers, runId, id))),
      ];
      const burials = [1, 2].map(() => late(() => bury(racers, suspect)));
      const settled = await Promise.allSettled(claims);
      const buried = await Promise.all(burials);
      expect(buried.filter((apps) => apps !== undefined)).toHaveLength(1);
      for (const claimed of settled) {
        if (claimed.status === "fulfilled") won += 1;
        else {
          expect(claimed.reason).toMatchObject({ code: "WORKER_LOST" });
          lost += 1;
        }
      }
      const { rows } = await pool.query(
        `select count(*)::int as left from holdfast.runs
         where namespace = $1 and worker_id is null and ready_at <= now() and status = 'queued'`,
        [app.served.namespace],
      );
      expect(rows[0].left).toBe(runs.length);
    }
    expect(Math.min(won, lost)).toBeGreaterThan(20); // Or it was no race.
  });
});
