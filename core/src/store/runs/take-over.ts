/**
 * Takes hold of a run. Raising the epoch waits for appends in flight (they hold the row `for
 * share`), so the journal's end, read afterwards, is its end: no earlier writer adds to it.
 */
import type { Pool } from "pg";
import { bucketOf } from "../id.ts";
import { isOver, OVER } from "../run-status.ts";
import type { Claim, RunStatus } from "../store.ts";
import { runNotFound, takenOver } from "../store-errors.ts";
import { readRunRow } from "./read-run.ts";

export interface TakenOver {
  readonly spaceId: string;
  readonly epoch: number;
  readonly sweeps: number;
  readonly born: string;
  readonly lastSeq: number;
}

const OVER_SQL = OVER.map((status) => `'${status}'`).join(", ");

const RAISED = `
    returning r.space_id, r.epoch, r.sweeps::float8 as sweeps, r.created_at::text as born`;

const RAISE_EPOCH = {
  name: "holdfast_raise_epoch_3",
  text: `
    update holdfast.runs r
    set epoch = epoch + 1, status = 'running', why = null, worker_id = null
    where bucket = $1 and run_id = $2 and epoch = coalesce($3, epoch) ${RAISED}`,
};

/**
 * A statement that waits for the row's lock judges the row as it is then, but still sees the workers
 * as they were when it began: not one that came and claimed in between. So it also asks that the
 * epoch is the one it saw.
 */
const CLAIM = {
  name: "holdfast_claim_1",
  text: `
    with seen as materialized (
      select epoch from holdfast.runs where bucket = $1 and run_id = $2)
    update holdfast.runs r
    set epoch = r.epoch + 1, status = 'running', why = null, worker_id = $3
    from seen
    where r.bucket = $1 and r.run_id = $2 and r.epoch = seen.epoch
      and r.status not in (${OVER_SQL})
      and (r.worker_id is null or r.worker_id = $3 or not exists (
        select 1 from holdfast.workers w
        where w.worker_id = r.worker_id and w.expires_at > now())) ${RAISED}`,
};

const SELECT_HOLDER = {
  name: "holdfast_select_holder_1",
  text: `
    select r.status, r.worker_id,
           (extract(epoch from w.expires_at - now()) * 1000)::float8 as expires_in
    from holdfast.runs r left join holdfast.workers w on w.worker_id = r.worker_id
    where r.bucket = $1 and r.run_id = $2`,
};

const LAST_SEQ = {
  name: "holdfast_last_seq_1",
  text: `
    select coalesce(max(seq), 0) as seq from holdfast.steps where bucket = $1 and run_id = $2`,
};

interface RaisedRow {
  readonly space_id: string;
  readonly epoch: number;
  readonly sweeps: number;
  readonly born: string;
}

interface HolderRow {
  readonly status: RunStatus;
  readonly worker_id: string | null;
  /** Null when the worker is gone. */
  readonly expires_in: number | null;
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
  if (rows[0] !== undefined) return readEnd(pool, runId, rows[0]);
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
    if (rows[0] !== undefined) return { is: "mine", taken: await readEnd(pool, runId, rows[0]) };
    const found = await pool.query<HolderRow>({ ...SELECT_HOLDER, values: where });
    if (found.rows[0] === undefined) throw runNotFound(runId);
    const refused = whyNotMine(found.rows[0], workerId);
    if (refused !== undefined) return refused;
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

async function readEnd(pool: Pool, runId: string, row: RaisedRow): Promise<TakenOver> {
  const last = await pool.query<{ seq: number }>({ ...LAST_SEQ, values: [bucketOf(runId), runId] });
  return {
    spaceId: row.space_id,
    epoch: row.epoch,
    sweeps: row.sweeps,
    born: row.born,
    lastSeq: last.rows[0]!.seq,
  };
}
