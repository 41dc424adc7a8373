import type { Pool, PoolClient } from "pg";
import { bucketOf } from "../id.ts";
import type { SpaceCiphers } from "../space-ciphers.ts";
import type { Run, RunStatus } from "./run.ts";
import { readNamed } from "./run-names.ts";

export interface RunRow {
  readonly run_id: string;
  readonly space_id: string;
  readonly parent_id: string | null;
  readonly namespace: string;
  readonly app: string;
  readonly status: RunStatus;
  /** Sealed. */
  readonly why: string | null;
  readonly epoch: number;
  readonly worker_id: string | null;
  readonly queue: string;
  readonly ready_in: number | null;
  readonly blocked: string | null;
  readonly created_at: Date;
}

/** Of a run `r`. */
export const RUN_COLUMNS = `
    r.run_id, r.space_id, r.parent_id, r.namespace, r.app, r.status, r.why, r.epoch, r.worker_id,
    r.queue, (extract(epoch from r.ready_at - now()) * 1000)::float8 as ready_in, r.blocked,
    r.created_at`;

const SELECT_RUN = {
  name: "holdfast_select_run_3",
  text: `select ${RUN_COLUMNS} from holdfast.runs r where bucket = $1 and run_id = $2`,
};

export async function readRunRow(
  connection: Pool | PoolClient,
  runId: string,
): Promise<RunRow | undefined> {
  const { rows } = await connection.query<RunRow>({
    ...SELECT_RUN,
    values: [bucketOf(runId), runId],
  });
  return rows[0];
}

/** By its id, or by that of its name. */
export async function findRunRow(
  connection: Pool | PoolClient,
  runId: string,
): Promise<RunRow | undefined> {
  const row = await readRunRow(connection, runId);
  if (row !== undefined) return row;
  const named = await readNamed(connection, runId);
  return named === undefined ? undefined : readRunRow(connection, named);
}

const SELECT_NEWEST = {
  name: "holdfast_select_newest_1",
  text: `
    select ${RUN_COLUMNS} from holdfast.runs r where r.bucket = $1 and r.space_id = $2
    order by r.created_at desc, r.run_id desc limit 1`,
};

export async function readNewestRun(pool: Pool, spaceId: string): Promise<RunRow | undefined> {
  const values = [bucketOf(spaceId), spaceId];
  const { rows } = await pool.query<RunRow>({ ...SELECT_NEWEST, values });
  return rows[0];
}

export async function toRun(row: RunRow, ciphers: SpaceCiphers): Promise<Run> {
  const { why } = row;
  return {
    runId: row.run_id,
    spaceId: row.space_id,
    parentId: row.parent_id ?? undefined,
    namespace: row.namespace,
    app: row.app,
    status: row.status,
    why: why === null ? undefined : (await ciphers.of(row.space_id)).open(why),
    epoch: row.epoch,
    workerId: row.worker_id ?? undefined,
    queue: row.queue,
    readyInMs: row.ready_in ?? undefined,
    blocked: row.blocked ?? undefined,
    createdAt: row.created_at,
  };
}
