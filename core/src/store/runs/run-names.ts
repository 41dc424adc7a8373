/** Runs by the ids that stand for their names. */
import type { Pool, PoolClient } from "pg";
import { bucketOf } from "../id.ts";

const SELECT_NAMED = {
  name: "holdfast_select_named_1",
  text: "select run_id from holdfast.run_names where bucket = $1 and name_id = $2",
};

const INSERT_NAME = {
  name: "holdfast_insert_name_1",
  text: `
    insert into holdfast.run_names (bucket, name_id, run_id) values ($1, $2, $3)
    on conflict do nothing`,
};

const DELETE_NAMES = {
  name: "holdfast_delete_names_1",
  text: "delete from holdfast.run_names where run_id = $1",
};

export async function readNamed(
  connection: Pool | PoolClient,
  nameId: string,
): Promise<string | undefined> {
  const values = [bucketOf(nameId), nameId];
  const { rows } = await connection.query<{ run_id: string }>({ ...SELECT_NAMED, values });
  return rows[0]?.run_id;
}

/** False if another run goes by it: names go with their runs. */
export async function nameRun(client: PoolClient, nameId: string, runId: string): Promise<boolean> {
  const { rowCount } = await client.query({
    ...INSERT_NAME,
    values: [bucketOf(nameId), nameId, runId],
  });
  return rowCount === 1;
}

export async function deleteNames(client: PoolClient, runId: string): Promise<void> {
  await client.query({ ...DELETE_NAMES, values: [runId] });
}
