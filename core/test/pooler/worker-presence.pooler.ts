import { expect, it } from "vitest";
import { testDatabase } from "../support/test-database.ts";
import { enterWorker } from "../support/worker-presence.ts";
import { pgbouncer } from "./support/pgbouncer.ts";

const pooler = pgbouncer({ mode: "transaction", connections: 3 });
const { url: directUrl, pool } = testDatabase();
const enter = (options = {}) =>
  enterWorker(pool, { database: pooler.through(directUrl), leaseMs: 1500, ...options });

/** Sessions on the server that hold locks or listen, whoever they serve. */
async function traces(): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity a
     where a.datname = current_database()
       and (a.query ilike 'listen%' or exists (
             select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory'))`,
  );
  return rows[0]!.count;
}

it("a worker behind a pooler beats, has no lock, hears nothing, and says what would help", async () => {
  const worker = await enter();
  await worker.until(() => worker.noticed.length > 0);
  expect(worker.noticed).toEqual([
    expect.stringMatching(/A pooler stands between.*HOLDFAST_DATABASE_URL_DIRECT can name/),
  ]);
  const { beats } = (await worker.row())!;
  await worker.until(async () => (await worker.row())!.beats > beats + 2);
  expect(await worker.row()).toMatchObject({ lock: null, isExpired: false });
  expect(worker.presence.hearsHints).toBe(false);
  expect(await traces()).toBe(0);
  await worker.presence.leave();
  expect(await worker.row()).toBeUndefined();
});

it("a worker behind a pooler outlives its restart", async () => {
  const worker = await enter();
  await worker.until(async () => (await worker.row())!.beats > 0);
  await pooler.restart();
  const { beats } = (await worker.row())!;
  await worker.until(async () => (await worker.row())!.beats > beats + 2);
  expect(await worker.row()).toMatchObject({ isExpired: false });
  expect(worker.isBuried()).toBe(false);
});

it("a worker behind a pooler that knows the server itself has a lock there and hears", async () => {
  const worker = await enter({ directDatabase: directUrl });
  await worker.until(() => worker.presence.hearsHints);
  expect(await worker.row()).toMatchObject({ isHeld: true });
  expect(worker.noticed).toEqual([]);
  await pool.query("select pg_notify('holdfast', 'heard')");
  await worker.until(() => worker.hints.includes("heard"));
  await pooler.restart();
  const { beats } = (await worker.row())!;
  await worker.until(async () => (await worker.row())!.beats > beats + 2);
  expect(await worker.row()).toMatchObject({ isHeld: true, isExpired: false });
  expect(worker.noticed).toEqual([]);
  await worker.presence.leave();
  expect(await traces()).toBe(0);
});

it("a URL for the server itself that leads to a pooler is told so", async () => {
  const worker = await enter({ directDatabase: pooler.through(directUrl) });
  await worker.until(() => worker.noticed.length > 0);
  expect(worker.noticed[0]).toContain(
    "HOLDFAST_DATABASE_URL_DIRECT must lead to the server itself",
  );
  expect(worker.presence.hearsHints).toBe(false);
  expect(await traces()).toBe(0);
});
