import type pg from "pg";
import { startEmbedded } from "../embedded/index.ts";
import { HoldfastError } from "../errors/index.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { askServer, type Server } from "./ask-server.ts";
import { databaseFailure } from "./database-failure.ts";
import { type Manners, type OwnPoolOptions, ownPool } from "./own-pool.ts";
import { type SessionTarget, sessionTarget } from "./session-target.ts";
import { embeddedTarget, poolTarget, type Target, urlTarget } from "./target.ts";

export interface DatabaseOptions {
  /**
   * A postgres:// URL, or a pool whose options are used to open connections of our own; the pool
   * itself is left alone. Default: HOLDFAST_DATABASE_URL, else the embedded PostgreSQL.
   */
  readonly database?: string | pg.Pool;
  /**
   * The same database by a URL that leads to the server itself, where `database` leads to a pooler: for
   * the one connection of a worker that a pooler cannot share. Default: HOLDFAST_DATABASE_URL_DIRECT,
   * else `database`. Of no effect for the embedded PostgreSQL.
   */
  readonly directDatabase?: string;
  /**
   * Whether the server may keep statements under names, so that it parses each once for a connection.
   * Default: true, but never where a pooler is seen not to keep track of names.
   */
  readonly preparedStatements?: boolean;
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
  /** Whether a pooler stands between: its connections may be shared, and nothing is set on them. */
  readonly pooled: boolean;
  /**
   * A pool for one purpose, named in its application_name. Every connection has
   * `synchronous_commit` on before its first query. Ended by `close()`.
   */
  pool(purpose: string, options: OwnPoolOptions): pg.Pool;
  /** Where a connection goes that is to be kept: to the server itself, if its URL is known. */
  session(): SessionTarget;
  /** Ends the pools; the last process to leave stops the embedded server. */
  close(): Promise<void>;
}

/**
 * Finds the database, connects once and checks that it will do. Rejects with a `DATABASE_…` or
 * `EMBEDDED_…` error; then nothing stays open.
 */
export async function openDatabase(options: DatabaseOptions = {}): Promise<Database> {
  const logger = options.logger ?? silentLogger;
  const target = await findTarget(options, logger);
  try {
    const direct = target.embedded === undefined ? findDirect(options) : undefined;
    const server = await askServer(target, logger);
    const { pooled, keepsNames } = server;
    const unnamed = !keepsNames || options.preparedStatements === false;
    if (pooled) {
      logger.info("a pooler stands between this process and its database", {
        place: target.place,
        preparedStatements: !unnamed,
      });
    }
    return database({ target, direct, server, manners: { shared: pooled, unnamed }, logger });
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

function findDirect({ directDatabase }: DatabaseOptions): Target | undefined {
  const url = directDatabase ?? process.env.HOLDFAST_DATABASE_URL_DIRECT?.trim();
  return url || directDatabase !== undefined ? urlTarget(url ?? "") : undefined;
}

interface Parts {
  readonly target: Target;
  readonly direct: Target | undefined;
  readonly server: Server;
  readonly manners: Manners;
  readonly logger: Logger;
}

function database({ target, direct, server, manners, logger }: Parts): Database {
  const pools: pg.Pool[] = [];
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await Promise.all(pools.map((pool) => pool.end()));
    await target.embedded?.close();
  };
  const kind = target.embedded ? " (embedded)" : "";
  const way = server.pooled ? " through a pooler" : "";
  return {
    description: `PostgreSQL ${server.version}${kind} at ${target.place}${way}`,
    versionNumber: server.versionNumber,
    embedded: target.embedded !== undefined,
    pooled: server.pooled,
    pool(purpose, options) {
      if (closing) throw closed(target);
      const pool = ownPool(target, purpose, options, manners, logger);
      pools.push(pool);
      return pool;
    },
    session() {
      return sessionTarget(direct ?? target, direct !== undefined);
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
