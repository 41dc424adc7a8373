/**
 * Workers tell that they live, by the database's clock alone: theirs may be wrong. Invariant: a worker
 * that was taken for dead stays it. Its row is gone, and nothing but entering anew, under another id,
 * makes one.
 */
import type { ClientBase, Pool } from "pg";
import { bucketOf } from "../id.ts";
import type { NewWorker, WorkerState } from "./worker.ts";

const ENLIST = {
  name: "holdfast_enlist_1",
  text: `
    insert into holdfast.workers (worker_id, host, pid, process, expires_at)
    values ($1, $2, $3, $4, now() + $5 * interval '1 ms')
    on conflict do nothing`,
};

const BEAT = {
  name: "holdfast_beat_2",
  text: `
    update holdfast.workers
    set beats = beats + 1, beat_at = now(), expires_at = now() + $2 * interval '1 ms',
        lock = $3, serves = $4
    where worker_id = $1`,
};

const SELECT_WORKERS = {
  name: "holdfast_select_workers_1",
  text: `
    select worker_id as id, host, pid, process, serves,
           (extract(epoch from expires_at - now()) * 1000)::float8 as "expiresInMs"
    from holdfast.workers order by worker_id`,
};

export interface Beat {
  readonly id: string;
  readonly leaseMs: number;
  /** The advisory lock its session holds, if it has one that others can rely on. */
  readonly lock: number | undefined;
  readonly serves: string | undefined;
}

/** Makes the worker known. Asked again, because an answer was lost, it changes nothing. */
export async function enlist(
  connection: Pool | ClientBase,
  { id, leaseMs, host, pid, process }: NewWorker,
): Promise<void> {
  bucketOf(id);
  await connection.query({ ...ENLIST, values: [id, host, pid, process ?? null, leaseMs] });
}

/** False if it is not known any more. */
export async function beat(
  connection: Pool | ClientBase,
  { id, leaseMs, lock, serves }: Beat,
): Promise<boolean> {
  const values = [id, leaseMs, lock ?? null, serves ?? null];
  const { rowCount } = await connection.query({ ...BEAT, values });
  return rowCount === 1;
}

type WorkerRow = { [Key in keyof WorkerState]: WorkerState[Key] | null } & {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly expiresInMs: number;
};

export async function readWorkers(pool: Pool): Promise<readonly WorkerState[]> {
  const { rows } = await pool.query<WorkerRow>(SELECT_WORKERS);
  return rows.map(({ process, serves, ...worker }) => ({
    ...worker,
    ...(process ? { process } : {}),
    serves: serves ?? undefined,
  }));
}
