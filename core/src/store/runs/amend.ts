/**
 * Takes hold of a space for somebody who executes none of its runs. Invariant: whoever executes one and
 * whoever holds the space this way never both write. A worker that has the run is not robbed; one that
 * claims it later raises its epoch, and so does the run that comes after it in the space (`createRun`).
 */
import type { Pool } from "pg";
import { bucketOf } from "../id.ts";
import { spaceDeleted } from "../store-errors.ts";
import { LIVES, LIVES_UNTIL } from "../workers/lives.ts";
import { HOLD_COLUMNS, type RaisedRow, readEnds, type TakenOver } from "./take-over.ts";

/** The one that is not over, or goes before the next one that will be. */
const IN_WHOSE_NAME = `
    coalesce(
      (select u.run_id from holdfast.runs u
       where u.bucket = $1 and u.space_id = $2 and u.status in ('queued', 'running', 'waiting')
       order by u.created_at desc limit 1),
      (select n.run_id from holdfast.runs n where n.bucket = $1 and n.space_id = $2
       order by n.created_at desc, n.run_id desc limit 1))`;

/** As with a claim, the workers are those of when it began: so it asks for the epoch it saw. */
const AMEND = {
  name: "holdfast_amend_1",
  text: `
    with seen as materialized (
      select run_id, epoch from holdfast.runs where bucket = $1 and run_id = ${IN_WHOSE_NAME})
    update holdfast.runs r
    set epoch = r.epoch + 1
    from seen
    where r.bucket = $1 and r.run_id = seen.run_id and r.epoch = seen.epoch
      and (r.worker_id is null or not exists (
        select 1 from holdfast.workers w where w.worker_id = r.worker_id and ${LIVES}))
    returning ${HOLD_COLUMNS}`,
};

const SELECT_HOLDER = {
  name: "holdfast_select_holder_of_space_1",
  text: `
    select r.run_id, r.worker_id,
           (extract(epoch from ${LIVES_UNTIL} - now()) * 1000)::float8 as expires_in
    from holdfast.runs r left join holdfast.workers w on w.worker_id = r.worker_id
    where r.bucket = $1 and r.run_id = ${IN_WHOSE_NAME}`,
};

interface HolderRow {
  readonly run_id: string;
  readonly worker_id: string | null;
  /** Null when the worker is gone. */
  readonly expires_in: number | null;
}

export type Amended =
  | { readonly is: "mine"; readonly runId: string; readonly taken: TakenOver }
  | {
      readonly is: "held";
      readonly runId: string;
      readonly workerId: string;
      readonly expiresInMs: number;
    };

export async function amend(pool: Pool, spaceId: string): Promise<Amended> {
  const values = [bucketOf(spaceId), spaceId];
  for (;;) {
    const raised = await pool.query<RaisedRow>({ ...AMEND, values });
    const [row] = raised.rows;
    if (row !== undefined) {
      const [taken] = await readEnds(pool, [row]);
      return { is: "mine", runId: row.run_id, taken: taken! };
    }
    const { rows } = await pool.query<HolderRow>({ ...SELECT_HOLDER, values });
    const [holder] = rows;
    if (holder === undefined) throw spaceDeleted(spaceId);
    const { run_id: runId, worker_id: workerId, expires_in: expiresInMs } = holder;
    // Else it could be taken hold of by now.
    if (workerId !== null && expiresInMs !== null && expiresInMs > 0) {
      return { is: "held", runId, workerId, expiresInMs };
    }
  }
}
