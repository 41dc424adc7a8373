/**
 * Takes hold of a run. Raising the epoch waits for appends in flight (they hold the row `for
 * share`), so the journal's end, read afterwards, is its end: no earlier writer adds to it.
 */
import type { Pool } from "pg";
import { bucketOf } from "../id.ts";
import { runNotFound } from "../store-errors.ts";

export interface TakenOver {
  readonly spaceId: string;
  readonly epoch: number;
  readonly sweeps: number;
  readonly born: string;
  readonly lastSeq: number;
}

const RAISE_EPOCH = {
  name: "holdfast_raise_epoch_1",
  text: `
    update holdfast.runs set epoch = epoch + 1, status = 'running'
    where bucket = $1 and run_id = $2
    returning space_id, epoch, sweeps::float8 as sweeps, created_at::text as born`,
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

export async function takeOver(pool: Pool, runId: string): Promise<TakenOver> {
  const values = [bucketOf(runId), runId];
  const raised = await pool.query<RaisedRow>({ ...RAISE_EPOCH, values });
  const row = raised.rows[0];
  if (row === undefined) throw runNotFound(runId);
  const last = await pool.query<{ seq: number }>({ ...LAST_SEQ, values });
  return {
    spaceId: row.space_id,
    epoch: row.epoch,
    sweeps: row.sweeps,
    born: row.born,
    lastSeq: last.rows[0]!.seq,
  };
}
