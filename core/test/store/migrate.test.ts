import pg from "pg";
import { afterEach, describe, expect, inject, it } from "vitest";
import { type Migration, migrate, shippedMigrations } from "../../src/database/migrate.ts";
import { newId, openStore } from "../../src/store/index.ts";
import { asAdmin, databaseUrl } from "../support/postgres.ts";

const adminUrl = inject("adminUrl");
const name = `holdfast_migrate_${process.pid}`;
const url = databaseUrl(adminUrl, name);

async function freshDatabase(): Promise<void> {
  await asAdmin(adminUrl, `drop database if exists ${name} with (force)`);
  await asAdmin(adminUrl, `create database ${name}`);
}

async function withPool<T>(work: (pool: pg.Pool) => Promise<T>, user?: string): Promise<T> {
  const connectionString =
    user === undefined ? url : url.replace(/\/\/[^@]*@/, `//${user}:secret@`);
  const pool = new pg.Pool({ connectionString, max: 1 });
  pool.on("error", () => {}); // The database is dropped while the last connection is closing.
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

const next = (sql: string, breaking = false): Migration => ({
  id: 9_000,
  name: "9000_next.sql",
  sql,
  breaking,
});

afterEach(() => asAdmin(adminUrl, `drop database if exists ${name} with (force)`));

describe("migrating", () => {
  it("is done by exactly one of four migrators at once, and all find it done", async () => {
    for (let round = 0; round < 5; round += 1) {
      await freshDatabase();
      const applied = await Promise.all([1, 2, 3, 4].map(() => withPool((pool) => migrate(pool))));
      const shipped = (await shippedMigrations()).map((migration) => migration.name);
      expect(applied.flat()).toEqual(shipped);
      await withPool(async (pool) => {
        const { rows } = await pool.query("select name from holdfast.migrations order by id");
        expect(rows.map((row) => row.name)).toEqual(shipped);
        expect(await migrate(pool)).toEqual([]);
      });
    }
  });

  it("finds runs that were left before there was readiness, whoever held them", async () => {
    await freshDatabase();
    await withPool(async (pool) => {
      const shipped = await shippedMigrations();
      const older = shipped.filter(({ id }) => id < 3);
      await migrate(pool, older);
      const worker = newId();
      await pool.query(
        "insert into holdfast.workers (worker_id, host, pid, expires_at) values ($1, 'here', 1, now())",
        [worker],
      );
      const left = { queued: newId(1), running: newId(1), waiting: newId(1), completed: newId(1) };
      for (const [status, runId] of Object.entries(left)) {
        await pool.query(
          `insert into holdfast.runs (bucket, run_id, space_id, namespace, app, sweeps, status, worker_id)
           values (1, $1, $1, 'test', 'app', 0, $2, $3)`,
          [runId, status, status === "queued" ? null : worker],
        );
      }
      const saying =
        "insert into holdfast.control (bucket, run_id, key, seq, kind) values (1, $1, $2, $3, 'signal')";
      for (const seq of [1, 2]) await pool.query(saying, [left.waiting, `${seq}`, seq]);
      await migrate(pool, shipped);

      const { rows } = await pool.query(
        `select run_id, status, worker_id, ready_at <= now() as ready, said from holdfast.runs`,
      );
      const byId = Object.fromEntries(rows.map(({ run_id: id, ...row }) => [id, row]));
      const ready = { worker_id: null, ready: true, said: 0 };
      expect(byId).toEqual({
        [left.queued]: { status: "queued", ...ready },
        [left.running]: { status: "queued", ...ready },
        [left.waiting]: { status: "waiting", ...ready, said: 2 },
        [left.completed]: { status: "completed", worker_id: null, ready: null, said: 0 },
      });
      expect((await pool.query("select 1 from holdfast.workers")).rowCount).toBe(0);
    });
    const store = await openStore({ database: url });
    const [run] = await store.runs({ namespace: "test", status: "waiting", limit: 1 });
    const said = await store.say(run!.runId, { key: "3", kind: "signal" });
    expect(said).toMatchObject({ won: true, control: { seq: 3 } });
    await store.close();
  });

  it("applies only what is missing", async () => {
    await freshDatabase();
    await withPool(async (pool) => {
      const shipped = await shippedMigrations();
      await migrate(pool);
      const extended = [...shipped, next("create table holdfast.extra (a int)")];
      expect(await migrate(pool, extended)).toEqual(["9000_next.sql"]);
    });
  });

  it("changes nothing when a migration fails, and names it", async () => {
    await freshDatabase();
    await withPool(async (pool) => {
      await migrate(pool);
      const broken = [
        ...(await shippedMigrations()),
        next("create table holdfast.half (a int); select 1/0"),
      ];
      await expect(migrate(pool, broken)).rejects.toMatchObject({
        code: "SCHEMA_MIGRATION_FAILED",
        message: expect.stringMatching(/9000_next\.sql: division by zero/),
      });
      const { rows } = await pool.query("select to_regclass('holdfast.half') as half");
      expect(rows[0].half).toBeNull();
    });
  });

  it("is refused to older code when a newer migration is marked as breaking", async () => {
    await freshDatabase();
    const shipped = await shippedMigrations();
    await withPool((pool) => migrate(pool, [...shipped, next("select 1", true)]));
    await expect(openStore({ database: url })).rejects.toMatchObject({
      code: "SCHEMA_TOO_NEW",
      details: { found: 9_000, known: shipped.at(-1)!.id },
    });
  });

  it("lets older code work when the newer migration is not breaking", async () => {
    await freshDatabase();
    await withPool(async (pool) =>
      migrate(pool, [...(await shippedMigrations()), next("select 1")]),
    );
    const store = await openStore({ database: url });
    await store.close();
  });

  it("by a role that may not create says so, and what to grant", async () => {
    await freshDatabase();
    const role = `holdfast_guest_${process.pid}`;
    await asAdmin(adminUrl, `create role ${role} login password 'secret'`);
    try {
      await expect(withPool((pool) => migrate(pool), role)).rejects.toMatchObject({
        code: "DATABASE_PERMISSION_DENIED",
        hint: expect.stringContaining("grant create on database"),
      });
    } finally {
      await asAdmin(adminUrl, `drop role ${role}`);
    }
  });

  it("reads the breaking mark from the first line of a file", async () => {
    const { mkdtemp, rm, writeFile } = await import("node:fs/promises");
    const { tmpdir } = await import("node:os");
    const { join } = await import("node:path");
    const { pathToFileURL } = await import("node:url");
    const folder = await mkdtemp(join(tmpdir(), "holdfast-migrations-"));
    await writeFile(join(folder, "0002_b.sql"), "--! breaking\nselect 2");
    await writeFile(join(folder, "0001_a.sql"), "-- a comment\nselect 1");
    const found = await shippedMigrations(pathToFileURL(`${folder}/`));
    expect(found.map(({ id, breaking }) => ({ id, breaking }))).toEqual([
      { id: 1, breaking: false },
      { id: 2, breaking: true },
    ]);
    await rm(folder, { recursive: true });
  });
});
