// What has to be known of a server before it is used: learned on one connection, which is closed again.
import { randomBytes } from "node:crypto";
import type { PoolClient } from "pg";
import { HoldfastError } from "../errors/index.ts";
import type { Logger } from "../logger.ts";
import { assertDurable } from "./durability.ts";
import { ownPool } from "./own-pool.ts";
import { leadsToOwnProcess } from "./own-process.ts";
import type { Target } from "./target.ts";

export interface Server {
  readonly versionNumber: number;
  readonly version: string;
  /** Whether a pooler stands between, so that connections may be shared with others. */
  readonly pooled: boolean;
  /** Whether a statement that was given a name on a connection is found under it there. */
  readonly keepsNames: boolean;
}

const OLDEST = 150_000;

/** Rejects with DATABASE_TOO_OLD, or DATABASE_NOT_DURABLE for a pooler whose connections are not. */
export async function askServer(target: Target, logger: Logger): Promise<Server> {
  // Nothing is set on it: it may be shared.
  const pool = ownPool(target, "setup", { max: 1 }, { shared: true, unnamed: false }, logger);
  try {
    const client = await pool.connect();
    try {
      return await ask(client, target);
    } finally {
      client.release();
    }
  } finally {
    await pool.end();
  }
}

interface Answer {
  readonly versionNumber: number;
  readonly version: string;
  readonly synchronousCommit: string;
}

async function ask(client: PoolClient, target: Target): Promise<Server> {
  const { rows } = await client.query<Answer>(
    `select current_setting('server_version_num')::int as "versionNumber",
            split_part(current_setting('server_version'), ' ', 1) as version,
            current_setting('synchronous_commit') as "synchronousCommit"`,
  );
  const { versionNumber, version, synchronousCommit } = rows[0] as Answer;
  assertSupported(versionNumber, version, target.place);
  const pooled = !(await leadsToOwnProcess(client));
  if (!pooled) return { versionNumber, version, pooled, keepsNames: true };
  assertDurable(synchronousCommit, target);
  return { versionNumber, version, pooled, keepsNames: !(await handsNamesOn(client)) };
}

/**
 * A pooler that keeps track of names gives statements others, so that they mean the same to every
 * client. Seen from within: which name does this statement have on the server?
 */
async function handsNamesOn(client: PoolClient): Promise<boolean> {
  const name = `holdfast_name_${randomBytes(6).toString("hex")}`;
  // A transaction stays on one connection, so that what was found there can be removed again.
  await client.query("begin");
  const { rowCount } = await client.query({
    name,
    text: "select from pg_prepared_statements where name = $1",
    values: [name],
  });
  const isFound = rowCount !== 0;
  if (isFound) await client.query(`deallocate ${name}`);
  await client.query("commit");
  return isFound;
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
