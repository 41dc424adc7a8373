/** Workers tell that they live, by the database's clock alone: theirs may be wrong. */
import type { Pool } from "pg";
import { bucketOf } from "../id.ts";
import type { Worker } from "../store.ts";

const BEAT = {
  name: "holdfast_beat_1",
  text: `
    insert into holdfast.workers (worker_id, host, pid, expires_at)
    values ($1, $2, $3, now() + $4 * interval '1 ms')
    on conflict (worker_id) do update
      set host = excluded.host, pid = excluded.pid, beat_at = excluded.beat_at,
          expires_at = excluded.expires_at`,
};

const RETIRE = {
  name: "holdfast_retire_1",
  text: "delete from holdfast.workers where worker_id = $1",
};

export async function beat(pool: Pool, { id, leaseMs, host, pid }: Worker): Promise<void> {
  bucketOf(id);
  await pool.query({ ...BEAT, values: [id, host, pid, leaseMs] });
}

export async function retire(pool: Pool, workerId: string): Promise<void> {
  bucketOf(workerId);
  await pool.query({ ...RETIRE, values: [workerId] });
}
