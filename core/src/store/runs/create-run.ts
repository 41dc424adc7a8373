/**
 * Creates a run in its space. The space's row is locked while the run is added, so a run never
 * enters a space that is being swept or deleted: it sees the sweep, or the tombstone.
 */
import type { Pool } from "pg";
import { bucketOf } from "../id.ts";
import type { NewRun, Run } from "../store.ts";
import { checkNewRun, spaceDeleted } from "../store-errors.ts";
import { inTransaction } from "../transaction.ts";
import { readRun } from "./read-run.ts";

const INSERT_SPACE = {
  name: "holdfast_insert_space_1",
  text: `
    insert into holdfast.spaces (bucket, space_id, namespace, key) values ($1, $2, $3, $4)
    on conflict do nothing`,
};

const INSERT_RUN = {
  name: "holdfast_insert_run_1",
  text: `
    insert into holdfast.runs (bucket, run_id, space_id, sweeps, parent_id, namespace, app)
    select s.bucket, $2, s.space_id, s.sweeps, $4, $5, $6
    from (select bucket, space_id, sweeps from holdfast.spaces
          where bucket = $1 and space_id = $3 and deleted_at is null for share) s
    on conflict do nothing
    returning run_id`,
};

export function createRun(
  pool: Pool,
  newRun: NewRun,
): Promise<{ readonly run: Run; readonly created: boolean }> {
  checkNewRun(newRun);
  const { runId, spaceId = runId, spaceKey, parentId, namespace, app } = newRun;
  const bucket = bucketOf(runId);
  return inTransaction(pool, async (client) => {
    await client.query({ ...INSERT_SPACE, values: [bucket, spaceId, namespace, spaceKey ?? null] });
    const { rowCount } = await client.query({
      ...INSERT_RUN,
      values: [bucket, runId, spaceId, parentId ?? null, namespace, app],
    });
    const run = await readRun(client, runId);
    if (run === undefined) throw spaceDeleted(spaceId);
    return { run, created: rowCount === 1 };
  });
}
