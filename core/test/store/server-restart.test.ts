/** What others conclude about workers when the server itself was away: nothing, for as long as a lease. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedPostgres, startEmbedded, stopEmbedded } from "../../src/embedded/index.ts";
import { type NewWorker, newId, openStore, type Store } from "../../src/store/index.ts";
import { beat, enlist } from "../../src/store/workers/beat.ts";
import { LOCK_CLASS } from "../../src/store/workers/bury.ts";
import { newRun } from "../support/runs.ts";

const LEASE_MS = 2_000;
const LOCK = 7;
const self = { id: newId(), leaseMs: LEASE_MS, host: "elsewhere", pid: 1 };

let dir: string;
let server: EmbeddedPostgres;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "holdfast-restart-"));
  await chmod(dir, 0o755); // Open, or the cluster of a root user is put elsewhere.
  server = await startEmbedded({ dir });
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

/** A worker that tells that it lives while the server is there, and says no more when it is not. */
async function workerWithLock(url: string): Promise<NewWorker> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  const worker = { id: newId(), leaseMs: LEASE_MS, host: "here", pid: 1 };
  await enlist(client, worker);
  await client.query("select pg_advisory_lock($1, $2)", [LOCK_CLASS, LOCK]);
  await beat(client, { id: worker.id, leaseMs: LEASE_MS, lock: LOCK, serves: undefined });
  return worker;
}

const suspicion = async (store: Store, { id }: NewWorker) =>
  (await store.suspects(self)).find(({ workerId }) => workerId === id);

/** Held for most of a lease since the server came back, and then dead. */
async function expectPatience(store: Store, worker: NewWorker, runId: string): Promise<void> {
  const claimer = { ...self, id: newId(), leaseMs: 60_000 };
  const presence = await store.enter(claimer, { buried: () => {}, noticed: () => {} });
  const claim = await store.claim(runId, claimer.id);
  expect(claim).toMatchObject({ is: "held", workerId: worker.id });
  if (claim.is === "held") expect(claim.expiresInMs).toBeGreaterThan(0);
  expect(await suspicion(store, worker)).toBeUndefined();
  for (const why of ["expired", "silent"] as const) {
    expect(await store.bury({ workerId: worker.id, beats: 1, why })).toBe(false);
  }
  expect(await store.standings([runId])).toMatchObject([{ isHeld: true }]);

  let suspect = await suspicion(store, worker);
  for (; suspect === undefined; suspect = await suspicion(store, worker)) await sleep(20);
  expect(suspect.why).toBe("expired");
  expect(await store.claim(runId, claimer.id)).toMatchObject({ is: "mine" });
  expect(await store.bury(suspect)).toBe(true);
  await presence.leave();
}

describe("a server that was away for longer than a lease", () => {
  it("robs no worker: each has a lease's time again to tell that it lives", async () => {
    const before = await openStore({ database: server.url });
    const { runId } = await newRun(before);
    const worker = await workerWithLock(server.url);
    expect(await before.claim(runId, worker.id)).toMatchObject({ is: "mine" });
    await before.close();
    await stopEmbedded({ dir });
    await sleep(LEASE_MS);
    await server.close();
    server = await startEmbedded({ dir });
    const store = await openStore({ database: server.url });
    await expectPatience(store, worker, runId);
    await store.close();
  });
});

describe("a server that ended all sessions because one of its processes crashed", () => {
  it("robs no worker either, though it counts as started long ago", async () => {
    const admin = new pg.Client({ connectionString: server.url });
    admin.on("error", () => {});
    await admin.connect();
    const startedAt = "select pg_postmaster_start_time()::text as at, pg_backend_pid() as pid";
    const { at, pid } = (await admin.query(startedAt)).rows[0];
    const upForALease = `select 1 where pg_postmaster_start_time() < now() - $1 * interval '1 ms'`;
    while ((await admin.query(upForALease, [LEASE_MS])).rowCount === 0) await sleep(50);

    const store = await openStore({ database: server.url });
    const { runId } = await newRun(store);
    const worker = await workerWithLock(server.url);
    expect(await store.claim(runId, worker.id)).toMatchObject({ is: "mine" });
    process.kill(pid, "SIGKILL");
    await expectPatience(store, worker, runId);
    await store.close();

    const again = new pg.Client({ connectionString: server.url });
    await again.connect();
    expect((await again.query(startedAt)).rows[0].at).toBe(at);
    await again.end();
  });
});
