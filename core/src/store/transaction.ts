import type { Pool, PoolClient } from "pg";

/**
 * A process that is stopped, or cut off, between two statements keeps its locks no longer than this:
 * others bury dead workers and take up their runs meanwhile.
 */
const STANDSTILL_MS = 2_000;
const BEGIN = `begin isolation level read committed;
  set local idle_in_transaction_session_timeout = ${STANDSTILL_MS}`;

/**
 * Runs `work` in one transaction, in which each statement sees what was committed before it began,
 * whatever the role or the database sets. A connection on which it failed is not used again.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query(BEGIN);
    const result = await work(client);
    await client.query("commit");
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}
