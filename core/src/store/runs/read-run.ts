import type { Pool, PoolClient } from "pg";
import { bucketOf } from "../id.ts";
import type { Run } from "../store.ts";

interface RunRow {
  readonly run_id: string;
  readonly space_id: string;
  readonly parent_id: string | null;
  readonly namespace: string;
  readonly app: string;
  readonly status: string;
  readonly epoch: number;
  readonly created_at: Date;
}

const SELECT_RUN = {
  name: "holdfast_select_run_1",
  text: `
    select run_id, space_id, parent_id, namespace, app, status, epoch, created_at
    from holdfast.runs where bucket = $1 and run_id = $2`,
};

export async function readRun(
  connection: Pool | PoolClient,
  runId: string,
): Promise<Run | undefined> {
  const { rows } = await connection.query<RunRow>({
    ...SELECT_RUN,
    values: [bucketOf(runId), runId],
  });
  const row = rows[0];
  return (
    row && {
      runId: row.run_id,
      spaceId: row.space_id,
      parentId: row.parent_id ?? undefined,
      namespace: row.namespace,
      app: row.app,
      status: row.status,
      epoch: row.epoch,
      createdAt: row.created_at,
    }
  );
}
