/**
 * Takes hold of runs that are ready. Invariant: of several workers at once each run goes to one: rows
 * that another is just taking are skipped, and a worker that is not known takes none.
 */
import type { Pool } from "pg";
import { bucketOf } from "../id.ts";
import { workerLost } from "../store-errors.ts";
import type { ReadyOrder, Served } from "./claim.ts";
import { RUN_COLUMNS, type RunRow } from "./read-run.ts";
import { HOLD_COLUMNS, type RaisedRow, readEnds, type TakenOver } from "./take-over.ts";

/** By app and queue, each through its own end of the index, however many wait that are not served. */
const CLAIM_READY = {
  name: "holdfast_claim_ready_1",
  text: `
    with me as materialized (
      select worker_id from holdfast.workers where worker_id = $1 for key share
    ), ready as materialized (
      select r.bucket, r.run_id
      from me, unnest($3::text[]) as a (app), unnest($4::text[]) as q (queue)
      cross join lateral (
        select bucket, run_id, ready_at from holdfast.runs
        where namespace = $2 and app = a.app and queue = q.queue and ready_at <= now()
        order by ready_at limit $5 for no key update skip locked) r
      order by r.ready_at limit $5
    )
    update holdfast.runs r
    set epoch = epoch + 1, status = 'running', why = null, blocked = null, worker_id = $1,
        ready_at = null
    from ready c where r.bucket = c.bucket and r.run_id = c.run_id and r.worker_id is null
    returning ${RUN_COLUMNS}, ${HOLD_COLUMNS}`,
};

const NEXT_READY = {
  name: "holdfast_next_ready_1",
  text: `
    select (extract(epoch from min(r.ready_at) - now()) * 1000)::float8 as next_in,
           exists (select 1 from holdfast.workers where worker_id = $1) as is_known
    from unnest($3::text[]) as a (app) cross join unnest($4::text[]) as q (queue)
    cross join lateral (
      select ready_at from holdfast.runs
      where namespace = $2 and app = a.app and queue = q.queue and ready_at is not null
      order by ready_at limit 1) r`,
};

/** Locked in the order in which flushes lock them. */
const UNBLOCK = {
  name: "holdfast_unblock_1",
  text: `
    update holdfast.runs r
    set ready_at = now()
    from (select bucket, run_id from holdfast.runs
          where namespace = $1 and app = any($2) and queue = any($3) and ready_at is null
            and blocked is not null and blocked <> 'paused' and worker_id is null
          order by bucket, run_id for no key update) b
    where r.bucket = b.bucket and r.run_id = b.run_id`,
};

interface Claimed {
  readonly row: RunRow;
  readonly taken: TakenOver;
}

export async function claimReady(
  pool: Pool,
  { workerId, namespace, apps, queues, limit }: ReadyOrder,
): Promise<{ readonly claimed: readonly Claimed[]; readonly nextInMs: number | undefined }> {
  bucketOf(workerId);
  const where = [workerId, namespace, apps, queues];
  const { rows } = await pool.query<RunRow & RaisedRow>({
    ...CLAIM_READY,
    values: [...where, limit],
  });
  const taken = await readEnds(pool, rows);
  const claimed = rows.map((row, index) => ({ row, taken: taken[index]! }));
  if (claimed.length === limit) return { claimed, nextInMs: 0 };
  const next = await pool.query<{ next_in: number | null; is_known: boolean }>({
    ...NEXT_READY,
    values: where,
  });
  const { next_in: nextIn, is_known: isKnown } = next.rows[0]!;
  if (!isKnown) throw workerLost(workerId);
  return { claimed, nextInMs: nextIn === null ? undefined : Math.max(nextIn, 0) };
}

export async function unblock(pool: Pool, { namespace, apps, queues }: Served): Promise<number> {
  const { rowCount } = await pool.query({ ...UNBLOCK, values: [namespace, apps, queues] });
  return rowCount ?? 0;
}
