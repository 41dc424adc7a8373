import type { PoolClient } from "pg";
import { deleteNames } from "../runs/run-names.ts";

const DELETE_RUN = {
  name: "holdfast_delete_run_1",
  text: "delete from holdfast.runs where bucket = $1 and run_id = $2",
};
const DELETE_STEPS = {
  name: "holdfast_delete_steps_1",
  text: "delete from holdfast.steps where bucket = $1 and run_id = $2",
};
const DELETE_WAITS = {
  name: "holdfast_delete_waits_1",
  text: "delete from holdfast.waits where bucket = $1 and run_id = $2",
};
const DELETE_CONTROL = {
  name: "holdfast_delete_control_1",
  text: "delete from holdfast.control where bucket = $1 and run_id = $2",
};

/**
 * Removes the rows of one run, inside the caller's transaction. The run itself goes first: that
 * waits for appends in flight and turns every later one away, so no step or wait is left behind. Returns
 * whether it was there.
 */
export async function deleteRunRows(
  client: PoolClient,
  bucket: number,
  runId: string,
): Promise<boolean> {
  const values = [bucket, runId];
  const { rowCount } = await client.query({ ...DELETE_RUN, values });
  await client.query({ ...DELETE_STEPS, values });
  await client.query({ ...DELETE_WAITS, values });
  await client.query({ ...DELETE_CONTROL, values });
  await deleteNames(client, runId);
  return rowCount === 1;
}
