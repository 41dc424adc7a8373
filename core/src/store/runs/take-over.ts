/**
 * Takes hold of a run. Raising the epoch waits for appends in flight (they hold the row `for
 * share`), so the journal's end, read afterwards, is its end: no earlier writer adds to it.
 */
import type { Pool } from "pg";
import { bucketOf } from "../id.ts";
import { isOver, OVER_SQL } from "../run-status.ts";
import { runNotFound, takenOver, workerLost } from "../store-errors.ts";
import { LIVES, LIVES_UNTIL } from "../workers/lives.ts";
import type { Claim } from "./claim.ts";
import { readRunRow } from "./read-run.ts";
import type { RunStatus } from "./run.ts";

export interface TakenOver {
  readonly spaceId: string;
  readonly app: string;
  readonly epoch: number;
  readonly sweeps: number;
  readonly born: string;
  readonly lastSeq: number;
}

/** Of a run `r` whose epoch was raised. */
export const HOLD_COLUMNS = `
    r.run_id, r.space_id, r.app, r.epoch, r.sweeps::float8 as sweeps, r.created_at::text as born`;

/** How long nobody claims by itself what is about to be given a state, or to be claimed. */
export const A_WHILE = "interval '10 s'";

const RAISE_EPOCH = {
  name: "holdfast_raise_epoch_4",
  text: `
    update holdfast.runs r
    set epoch = epoch + 1, status = 'queued', why = null, blocked = null, worker_id = null,
        ready_at = now() + ${A_WHILE}
    where bucket = $1 and run_id = $2 and epoch = coalesce($3, epoch)
    returning ${HOLD_COLUMNS}`,
};

/**
 * A statement that waits for the row's lock judges the row as it is then, but still sees the workers
 * as they were when it began: not one that came and claimed in between. So it also asks that the
 * epoch is the one it saw.
 */
const CLAIM = {
  name: "holdfast_claim_2",
  text: `
    with seen as materialized (
      select epoch from holdfast.runs where bucket = $1 and run_id = $2
    ), me as materialized (
      select worker_id from holdfast.workers where worker_id = $3 for key share)
    update holdfast.runs r
    set epoch = r.epoch + 1, status = 'running', why = null, blocked = null, worker_id = $3,
        ready_at = null
    from seen, me
    where r.bucket = $1 and r.run_id = $2 and r.epoch = seen.epoch
      and r.status not in (${OVER_SQL})
      and (r.worker_id is null or r.worker_id = $3 or not exists (
        select 1 from holdfast.workers w where w.worker_id = r.worker_id and ${LIVES}))
    returning ${HOLD_COLUMNS}`,
};

const SELECT_HOLDER = {
  name: "holdfast_select_holder_2",
  text: `
    select r.status, r.worker_id,
           (extract(epoch from ${LIVES_UNTIL} - now()) * 1000)::float8 as expires_in,
           exists (select 1 from holdfast.workers where worker_id = $3) as is_known
    from holdfast.runs r left join holdfast.workers w on w.worker_id = r.worker_id
    where r.bucket = $1 and r.run_id = $2`,
};

const LAST_SEQS = {
  name: "holdfast_last_seqs_1",
  text: `
    select coalesce(l.seq, 0) as seq
    from unnest($1::int[], $2::uuid[]) with ordinality as k (bucket, run_id, nth)
    left join lateral (select max(s.seq) as seq from holdfast.steps s
                       where s.bucket = k.bucket and s.run_id = k.run_id) l on true
    order by k.nth`,
};

export interface RaisedRow {
  readonly run_id: string;
  readonly space_id: string;
  readonly app: string;
  readonly epoch: number;
  readonly sweeps: number;
  readonly born: string;
}

interface HolderRow {
  readonly status: RunStatus;
  readonly worker_id: string | null;
  /** Null when the worker is gone. */
  readonly expires_in: number | null;
  /** Whether the worker that asks is. */
  readonly is_known: boolean;
}

type Refused = Exclude<Claim, { readonly is: "mine" }>;

/** @param epoch where the run must be, if anywhere */
export async function takeOver(
  pool: Pool,
  runId: string,
  epoch: number | undefined,
): Promise<TakenOver> {
  const { rows } = await pool.query<RaisedRow>({
    ...RAISE_EPOCH,
    values: [bucketOf(runId), runId, epoch],
  });
  if (rows[0] !== undefined) return (await readEnds(pool, rows))[0]!;
  const found = epoch === undefined ? undefined : await readRunRow(pool, runId);
  if (epoch === undefined || found === undefined) throw runNotFound(runId);
  throw takenOver({ runId, epoch }, found.epoch);
}

export async function claim(
  pool: Pool,
  runId: string,
  workerId: string,
): Promise<{ readonly is: "mine"; readonly taken: TakenOver } | Refused> {
  bucketOf(workerId);
  const where = [bucketOf(runId), runId];
  for (;;) {
    const { rows } = await pool.query<RaisedRow>({ ...CLAIM, values: [...where, workerId] });
    if (rows[0] !== undefined) return { is: "mine", taken: (await readEnds(pool, rows))[0]! };
    const found = await pool.query<HolderRow>({ ...SELECT_HOLDER, values: [...where, workerId] });
    const holder = found.rows[0];
    if (holder === undefined) throw runNotFound(runId);
    const refused = whyNotMine(holder, workerId);
    if (refused !== undefined) return refused;
    if (!holder.is_known) throw workerLost(workerId);
  }
}

/** Undefined if the run can be claimed by now. */
function whyNotMine(
  { status, worker_id: holder, expires_in: expiresInMs }: HolderRow,
  workerId: string,
): Refused | undefined {
  if (isOver(status)) return { is: "over", status };
  if (holder === null || holder === workerId) return undefined;
  if (expiresInMs === null || expiresInMs <= 0) return undefined;
  return { is: "held", workerId: holder, expiresInMs };
}

/** Where the journals end that were taken hold of just now, in their order. */
export async function readEnds(
  pool: Pool,
  raised: readonly RaisedRow[],
): Promise<readonly TakenOver[]> {
  if (raised.length === 0) return [];
  const { rows } = await pool.query<{ seq: number }>({
    ...LAST_SEQS,
    values: [raised.map(({ run_id: id }) => bucketOf(id)), raised.map(({ run_id: id }) => id)],
  });
  return raised.map(({ space_id: spaceId, app, epoch, sweeps, born }, index) => ({
    spaceId,
    app,
    epoch,
    sweeps,
    born,
    lastSeq: rows[index]!.seq,
  }));
}
