/** Runs as lists show them, and how runs stand for those who wait for them. */
import type { Pool } from "pg";
import { bucketOf } from "../id.ts";
import { LIVES } from "../workers/lives.ts";
import { RUN_COLUMNS, type RunRow } from "./read-run.ts";
import type { RunFilter, Standing } from "./run.ts";

const SELECT_RUNS = {
  name: "holdfast_select_runs_1",
  text: `
    select ${RUN_COLUMNS} from holdfast.runs r
    where r.namespace = $1 and ($2::text is null or r.app = $2)
      and ($3::text is null or r.status = $3)
      and ($4::timestamptz is null or (r.created_at, r.run_id) < ($4, $5::uuid))
    order by r.created_at desc, r.run_id desc limit $6`,
};

const STANDING_COLUMNS = `
  r.run_id as "runId", r.status, r.epoch,
  exists (select 1 from holdfast.workers w
          where w.worker_id = r.worker_id and ${LIVES}) as "isHeld"`;

const SELECT_STANDINGS = {
  name: "holdfast_select_standings_1",
  text: `
    select ${STANDING_COLUMNS}
    from unnest($1::int[], $2::uuid[]) as k (bucket, run_id)
    join holdfast.runs r on r.bucket = k.bucket and r.run_id = k.run_id`,
};

const SELECT_HELD = {
  name: "holdfast_select_held_1",
  text: `
    select ${STANDING_COLUMNS}
    from holdfast.runs r where r.worker_id = $1`,
};

export async function listRuns(
  pool: Pool,
  { namespace, app, status, limit, before }: RunFilter,
): Promise<readonly RunRow[]> {
  const { rows } = await pool.query<RunRow>({
    ...SELECT_RUNS,
    values: [
      namespace,
      app ?? null,
      status ?? null,
      before?.createdAt ?? null,
      before?.runId ?? null,
      limit,
    ],
  });
  return rows;
}

export async function readStandings(
  pool: Pool,
  runIds: readonly string[],
): Promise<readonly Standing[]> {
  const { rows } = await pool.query<Standing>({
    ...SELECT_STANDINGS,
    values: [runIds.map(bucketOf), runIds],
  });
  return rows;
}

export async function readHeld(pool: Pool, workerId: string): Promise<readonly Standing[]> {
  bucketOf(workerId);
  const { rows } = await pool.query<Standing>({ ...SELECT_HELD, values: [workerId] });
  return rows;
}
