import type { Pool } from "pg";
import { expect } from "vitest";

/**
 * Makes the lease of a worker be over, until it beats again: not before its first beat, which comes when
 * its session is there, and would give it another lease.
 */
export async function expireWorker(pool: Pool, workerId: string): Promise<void> {
  const beats = "select from holdfast.workers where worker_id = $1 and beats > 0";
  await expect.poll(async () => (await pool.query(beats, [workerId])).rowCount).toBe(1);
  // A lease of no length: the server may have come up just now.
  await pool.query(
    `update holdfast.workers
     set beat_at = now() - interval '2 ms', expires_at = now() - interval '1 ms'
     where worker_id = $1`,
    [workerId],
  );
}
