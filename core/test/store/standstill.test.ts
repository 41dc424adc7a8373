import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../src/database/index.ts";
import { inTransaction } from "../../src/store/transaction.ts";
import { isTransient } from "../../src/store/transient.ts";
import { testDatabase } from "../support/test-database.ts";

const { url, pool } = testDatabase();

const LOCK = "select from holdfast.workers for update";
const WORKER = `insert into holdfast.workers (worker_id, host, pid, expires_at)
  values (gen_random_uuid(), 'h', 1, now())`;

it("a transaction that stands still lets go of its locks, and may be tried again", async () => {
  await pool.query(WORKER);
  const own = new pg.Pool({ connectionString: url, max: 1 });
  own.on("error", () => {});
  onTestFinished(() => own.end());
  const { promise: locked, resolve } = Promise.withResolvers<void>();
  const standing = inTransaction(own, async (client) => {
    await client.query(LOCK);
    resolve();
    await once(client, "end");
    return client.query("select");
  });
  const failed = standing.catch((error: unknown) => error);
  await locked;
  const began = performance.now();
  await pool.query(LOCK);
  expect(performance.now() - began).toBeLessThan(4_000);
  expect(isTransient(await failed)).toBe(true);
});

it("an append that stands still holds its locks no longer than a lease", async () => {
  const database = await openDatabase({ database: url });
  onTestFinished(() => database.close());
  const { rows } = await database
    .pool("append", { max: 1 })
    .query("show idle_in_transaction_session_timeout");
  expect(rows).toEqual([{ idle_in_transaction_session_timeout: "10s" }]);

  const strict = new URL(url);
  strict.searchParams.set("options", "-c idle_in_transaction_session_timeout=300");
  const stricter = await openDatabase({ database: strict.href });
  onTestFinished(() => stricter.close());
  const client = await stricter.pool("append", { max: 1, pipeline: true }).connect();
  await client.query("begin");
  await sleep(500);
  const error = await client.query("select").catch((reason: unknown) => reason);
  client.release(true);
  expect(isTransient(error)).toBe(true);
});
