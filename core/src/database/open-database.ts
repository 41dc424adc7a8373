import type pg from "pg";
import { startEmbedded } from "../embedded/index.ts";
import { HoldfastError } from "../errors/index.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { databaseFailure } from "./database-failure.ts";
import { type OwnPoolOptions, ownPool } from "./own-pool.ts";
import { embeddedTarget, poolTarget, type Target, urlTarget } from "./target.ts";

export interface DatabaseOptions {
  /**
   * A postgres:// URL, or a pool whose options are used to open connections of our own; the pool
   * itself is left alone. Default: HOLDFAST_DATABASE_URL, else the embedded PostgreSQL.
   */
  readonly database?: string | pg.Pool;
  /** Where the embedded PostgreSQL keeps its files. Default: `.holdfast` of the project. */
  readonly embeddedDir?: string;
  readonly logger?: Logger;
}

export interface Database {
  /** For people: "PostgreSQL 18.4 (embedded) at 127.0.0.1:22598/postgres". Never the password. */
  readonly description: string;
  /** The server's `server_version_num`, such as 180004. */
  readonly versionNumber: number;
  readonly embedded: boolean;
  /**
   * A pool for one purpose, named in its application_name. Every connection has
   * `synchronous_commit` on before its first query. Ended by `close()`.
   */
  pool(purpose: string, options: OwnPoolOptions): pg.Pool;
  /** Ends the pools; the last process to leave stops the embedded server. */
  close(): Promise<void>;
}

const OLDEST = 150_000;

/**
 * Finds the database, connects once and checks that it will do. Rejects with a `DATABASE_…` or
 * `EMBEDDED_…` error; then nothing stays open.
 */
export async function openDatabase(options: DatabaseOptions = {}): Promise<Database> {
  const logger = options.logger ?? silentLogger;
  const target = await findTarget(options, logger);
  try {
    const server = await askServer(target, logger);
    assertSupported(server.versionNumber, server.version, target.place);
    return database(target, server, logger);
  } catch (error) {
    await target.embedded?.close();
    throw databaseFailure(error, target);
  }
}

async function findTarget(options: DatabaseOptions, logger: Logger): Promise<Target> {
  const given = options.database ?? process.env.HOLDFAST_DATABASE_URL?.trim();
  if (typeof given === "object") return poolTarget(given);
  if (given || options.database !== undefined) return urlTarget(given ?? "");
  return embeddedTarget(await startEmbedded({ dir: options.embeddedDir, logger }));
}

interface Server {
  readonly versionNumber: number;
  readonly version: string;
}

async function askServer(target: Target, logger: Logger): Promise<Server> {
  const pool = ownPool(target, "setup", { max: 1 }, logger);
  try {
    const { rows } = await pool.query<Server>(
      `select current_setting('server_version_num')::int as "versionNumber",
              split_part(current_setting('server_version'), ' ', 1) as version`,
    );
    return rows[0] as Server;
  } finally {
    await pool.end();
  }
}

/** Throws DATABASE_TOO_OLD for a server before PostgreSQL 15. */
export function assertSupported(versionNumber: number, version: string, place: string): void {
  if (versionNumber >= OLDEST) return;
  throw new HoldfastError(
    "DATABASE_TOO_OLD",
    `The server at ${place} is PostgreSQL ${version}; Holdfast needs 15 or later.`,
    {
      hint: "Upgrade the server, point HOLDFAST_DATABASE_URL at a newer one, or unset it to use the embedded PostgreSQL 18.",
      details: { expected: OLDEST, found: versionNumber },
    },
  );
}

function database(target: Target, server: Server, logger: Logger): Database {
  const pools: pg.Pool[] = [];
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await Promise.all(pools.map((pool) => pool.end()));
    await target.embedded?.close();
  };
  const kind = target.embedded ? " (embedded)" : "";
  return {
    description: `PostgreSQL ${server.version}${kind} at ${target.place}`,
    versionNumber: server.versionNumber,
    embedded: target.embedded !== undefined,
    pool(purpose, options) {
      if (closing) throw closed(target);
      const pool = ownPool(target, purpose, options, logger);
      pools.push(pool);
      return pool;
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

function closed(target: Target): HoldfastError {
  return new HoldfastError("STORE_CLOSED", `The database at ${target.place} was closed.`, {
    hint: "Open it again with openDatabase, or close it after everything that uses it.",
  });
}
