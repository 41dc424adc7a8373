/**
 * Brings the schema up to date: numbered SQL files, never edited, applied in order in one
 * transaction. Invariant: of any number of migrators at once, one applies a file and the others
 * find it applied; the lock on the `migrations` table decides, so no advisory lock is needed.
 *
 * A file whose first line is `--! breaking` may not be met by older code: code that finds such a
 * file applied which it does not know refuses to work. Other unknown files are harmless to it.
 */
import { readdir, readFile } from "node:fs/promises";
import type { Pool, PoolClient } from "pg";
import { HoldfastError } from "../errors/index.ts";

export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly sql: string;
  readonly breaking: boolean;
}

const FOLDER = new URL("../../migrations/", import.meta.url);

/** The migrations this version of Holdfast ships, in order. */
export async function shippedMigrations(folder: URL = FOLDER): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort();
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(new URL(file, folder), "utf8");
      return {
        id: Number.parseInt(file, 10),
        name: file,
        sql,
        breaking: sql.startsWith("--! breaking"),
      };
    }),
  );
}

/** Whether nothing is missing. Throws SCHEMA_TOO_NEW. */
export async function isMigrated(pool: Pool): Promise<boolean> {
  return isCurrent(await shippedMigrations(), await appliedSoFar(pool));
}

/** Applies what is missing and returns the names applied by this call. Safe to call at every start. */
export async function migrate(
  pool: Pool,
  migrations?: readonly Migration[],
): Promise<readonly string[]> {
  const known = migrations ?? (await shippedMigrations());
  if (isCurrent(known, await appliedSoFar(pool))) return [];
  const client = await pool.connect();
  try {
    await createBookkeeping(client);
    return await applyMissing(client, known);
  } finally {
    client.release();
  }
}

interface Applied {
  readonly id: number;
  readonly name: string;
  readonly breaking: boolean;
}

const SELECT_APPLIED = "select id, name, breaking from holdfast.migrations order by id";
const UNDEFINED_TABLE = "42P01";
/** What a statement of the form "create … if not exists" says when it lost a race. */
const LOST_RACES: readonly unknown[] = ["23505", "42710", "42P06", "42P07"];

async function appliedSoFar(pool: Pool): Promise<readonly Applied[]> {
  try {
    return (await pool.query<Applied>(SELECT_APPLIED)).rows;
  } catch (error) {
    if (sqlState(error) === UNDEFINED_TABLE) return [];
    throw error;
  }
}

function isCurrent(known: readonly Migration[], applied: readonly Applied[]): boolean {
  refuseNewerSchema(known, applied);
  const ids = new Set(applied.map(({ id }) => id));
  return known.every(({ id }) => ids.has(id));
}

function refuseNewerSchema(known: readonly Migration[], applied: readonly Applied[]): void {
  const newest = known.at(-1);
  const newer = applied.find(({ id, breaking }) => breaking && id > (newest?.id ?? 0));
  if (newer === undefined) return;
  throw new HoldfastError(
    "SCHEMA_TOO_NEW",
    `The database has migration ${newer.name}, which older code must not work with; this process knows migrations up to ${newest?.name ?? "none"}.`,
    {
      hint: "Update @holdfast/core in this process to the version that migrated the database.",
      details: { found: newer.id, known: newest?.id },
    },
  );
}

async function createBookkeeping(client: PoolClient): Promise<void> {
  for (const statement of [
    "create schema if not exists holdfast",
    `create table if not exists holdfast.migrations (
       id int primary key, name text not null, breaking boolean not null,
       applied_at timestamptz not null default now())`,
  ]) {
    try {
      await client.query(statement);
    } catch (error) {
      if (!LOST_RACES.includes(sqlState(error))) throw migrationFailed("the schema itself", error);
    }
  }
}

async function applyMissing(
  client: PoolClient,
  known: readonly Migration[],
): Promise<readonly string[]> {
  const done: string[] = [];
  await client.query("begin");
  try {
    await client.query("lock table holdfast.migrations in exclusive mode");
    const { rows } = await client.query<Applied>(SELECT_APPLIED);
    refuseNewerSchema(known, rows);
    const applied = new Set(rows.map(({ id }) => id));
    for (const migration of known) {
      if (applied.has(migration.id)) continue;
      await apply(client, migration);
      done.push(migration.name);
    }
    await client.query("commit");
    return done;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  }
}

async function apply(client: PoolClient, { id, name, sql, breaking }: Migration): Promise<void> {
  try {
    await client.query(sql);
    await client.query("insert into holdfast.migrations (id, name, breaking) values ($1, $2, $3)", [
      id,
      name,
      breaking,
    ]);
  } catch (error) {
    throw migrationFailed(name, error);
  }
}

function migrationFailed(name: string, cause: unknown): HoldfastError {
  const denied = sqlState(cause) === "42501";
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HoldfastError(
    denied ? "DATABASE_PERMISSION_DENIED" : "SCHEMA_MIGRATION_FAILED",
    `Migration of the schema "holdfast" stopped at ${name}: ${reason}. Nothing was changed.`,
    {
      hint: denied
        ? 'Let a role that may create in this database migrate it once, or run "grant create on database … to …".'
        : "The transaction was rolled back; mend what the message names and start again.",
      cause,
      details: { migration: name },
    },
  );
}

function sqlState(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
