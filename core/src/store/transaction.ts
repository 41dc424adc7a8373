import type { Pool, PoolClient } from "pg";

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
    await client.query("begin isolation level read committed");
    const result = await work(client);
    await client.query("commit");
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}
