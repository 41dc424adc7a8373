/** What looking for work costs beside many runs that are none: rows that Postgres reads, as it counts them. */
import pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { BUCKETS, newId } from "../../src/store/index.ts";
import { claimReady, unblock } from "../../src/store/runs/claim-ready.ts";
import { listRuns, readStandings } from "../../src/store/runs/list-runs.ts";
import { readWaitsForEnd } from "../../src/store/waits/read-waits.ts";
import { enlist } from "../../src/store/workers/beat.ts";
import { bury, readSuspects } from "../../src/store/workers/bury.ts";
import { testDatabase } from "../support/test-database.ts";

const database = testDatabase();
const served = { namespace: "test", apps: ["served", "also served"], queues: ["default", "slow"] };

/** Runs of an app by the thousand, each with these values in these columns. */
async function fill(count: number, app: string, values: Record<string, string>): Promise<void> {
  await database.pool.query(
    `insert into holdfast.runs
       (bucket, run_id, space_id, namespace, app, sweeps, ${Object.keys(values).join(", ")})
     select ('x' || right(id::text, 3))::bit(12)::int % ${BUCKETS}, id, id, 'test', $2, 0,
            ${Object.values(values).join(", ")}
     from (select gen_random_uuid() as id from generate_series(1, $1)) as made`,
    [count, app],
  );
}

beforeAll(async () => {
  await fill(20_000, "served", { status: "'completed'" });
  await fill(5_000, "not served", { status: "'queued'", ready_at: "now()" });
  await fill(5_000, "served", { status: "'waiting'", ready_at: "now() + interval '1 day'" });
  await fill(200, "also served", { status: "'queued'", ready_at: "now()" });
  await database.pool.query("analyze");
});

/**
 * Rows of runs that were read by a session of its own, each way. Asked more often than it takes
 * until Postgres plans once for all values.
 */
async function rowsRead(work: (pool: pg.Pool, turn: number) => Promise<unknown>, turns = 12) {
  const read = async () => {
    const { rows } = await database.pool.query(
      `select sum(seq_tup_read)::int as scanned, sum(idx_tup_fetch)::int as fetched
       from pg_stat_user_tables where relname in ('runs', 'waits', 'steps')`,
    );
    return rows[0] as { scanned: number; fetched: number };
  };
  const before = await read();
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  for (let turn = 0; turn < turns; turn += 1) await work(pool, turn);
  await pool.query("select pg_stat_force_next_flush()");
  await pool.end();
  const after = await read();
  const each = (column: "scanned" | "fetched") => (after[column] - before[column]) / turns;
  return { scanned: each("scanned"), fetched: each("fetched") };
}

describe("beside 30,000 runs that are finished, asleep or of apps that are not served", () => {
  it("claiming reads what it claims", async () => {
    const { pool } = database;
    const worker = { id: newId(), leaseMs: 60_000, host: "here", pid: 1 };
    await enlist(pool, worker);
    let claimed = 0;
    const { scanned, fetched } = await rowsRead(async (one) => {
      const ready = await claimReady(one, { ...served, workerId: worker.id, limit: 5 });
      claimed += ready.claimed.length;
    });
    expect(claimed).toBe(60);
    expect(scanned).toBe(0);
    expect(fetched).toBeGreaterThan(5);
    expect(fetched).toBeLessThan(40);
  });

  it("finding nothing ready reads next to nothing, and says when there will be something", async () => {
    const { pool } = database;
    const worker = { id: newId(), leaseMs: 60_000, host: "here", pid: 1 };
    await enlist(pool, worker);
    const { scanned, fetched } = await rowsRead(async (one) => {
      const order = { ...served, apps: ["served", "nobody's"], workerId: worker.id, limit: 5 };
      const { nextInMs } = await claimReady(one, order);
      expect(nextInMs).toBeGreaterThan(3_600_000);
    });
    expect(scanned).toBe(0);
    expect(fetched).toBeLessThan(10);
  });

  it("a burial reads what its worker held", async () => {
    const held = 40;
    const workers = Array.from({ length: 12 }, () => newId());
    for (const id of workers) {
      await enlist(database.pool, { id, leaseMs: 0, host: "here", pid: 1 });
      await fill(held, "served", { status: "'running'", worker_id: `'${id}'::uuid` });
    }
    const { scanned, fetched } = await rowsRead(async (one, turn) => {
      await bury(one, { workerId: workers[turn]!, beats: 0, why: "expired" });
    });
    const { rows } = await database.pool.query(
      "select count(*)::int as left from holdfast.runs where worker_id = any($1)",
      [workers],
    );
    expect(rows[0].left).toBe(0);
    expect(scanned).toBe(0);
    expect(fetched).toBeGreaterThan(held);
    expect(fetched).toBeLessThan(5 * held);
  });

  it.each([
    [
      "standings read the runs that are asked for",
      20,
      async (pool: pg.Pool, ids: readonly string[]) => readStandings(pool, ids),
    ],
    [
      "a look for the dead reads no run",
      0,
      async (pool: pg.Pool) =>
        readSuspects(pool, { id: newId(), leaseMs: 1, host: "here", pid: 1 }),
    ],
    ["unblocking reads what is blocked", 0, async (pool: pg.Pool) => unblock(pool, served)],
    [
      "a look for ends reads the waits",
      0,
      async (pool: pg.Pool) => readWaitsForEnd(pool, undefined),
    ],
    [
      "a page of the list reads what it shows",
      20,
      async (pool: pg.Pool) => listRuns(pool, { namespace: "test", limit: 20 }),
    ],
  ])("%s", async (_, rows, work) => {
    const sample = "select run_id from holdfast.runs order by random() limit 20";
    const ids = (await database.pool.query(sample)).rows.map((row) => row.run_id);
    const { scanned, fetched } = await rowsRead((pool) => work(pool, ids));
    expect(scanned).toBe(0);
    expect(fetched).toBeGreaterThanOrEqual(rows);
    expect(fetched).toBeLessThan(rows + 20);
  });
});
