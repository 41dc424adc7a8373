import type { Pool } from "pg";

/** Makes the lease of a worker be over, until it beats again. */
export async function expireWorker(pool: Pool, workerId: string): Promise<void> {
  // A lease of no length: the server may have come up just now.
  await pool.query(
    `update holdfast.workers
     set beat_at = now() - interval '2 ms', expires_at = now() - interval '1 ms'
     where worker_id = $1`,
    [workerId],
  );
}
