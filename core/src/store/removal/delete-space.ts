/**
 * Deletes a space. First a tombstone: it waits for content under way, and after it no run and no
 * content enters. Then everything is removed, run by run, in short transactions. The tombstone stays
 * for a grace period; the second sweep removes again whatever may be there, and then the tombstone.
 * Each part can be repeated, so a crash in between only leaves work to the next sweep.
 */
import type { Pool } from "pg";
import { bucketOf } from "../id.ts";
import { inTransaction } from "../transaction.ts";
import { deleteRunRows } from "./delete-run-rows.ts";

/** How long a tombstone stands: longer than any statement of an append may take. */
export const DELETION_GRACE_MS: number = 10 * 60_000;

/** Rows of one delete: short transactions, whatever the size of the space. */
const BATCH = 5_000;

const RAISE_TOMBSTONE = {
  name: "holdfast_raise_tombstone_1",
  text: `
    update holdfast.spaces set deleted_at = now()
    where bucket = $1 and space_id = $2 and deleted_at is null`,
};

const RUNS_OF_SPACE = {
  name: "holdfast_runs_of_space_1",
  text: "select run_id from holdfast.runs where bucket = $1 and space_id = $2",
};

const DELETE_CONTENT = (["items", "lists"] as const).map((table) => ({
  name: `holdfast_delete_${table}_1`,
  text: `
    delete from holdfast.${table} where bucket = $1 and space_id = $2 and hash in (
      select hash from holdfast.${table} where bucket = $1 and space_id = $2 limit ${BATCH})`,
}));

const DELETE_SESSIONS = {
  name: "holdfast_delete_sessions_1",
  text: "delete from holdfast.sessions where bucket = $1 and space_id = $2",
};

const SELECT_TOMBSTONES = {
  name: "holdfast_select_tombstones_1",
  text: `
    select space_id from holdfast.spaces
    where deleted_at < now() - $1 * interval '1 ms' order by deleted_at limit 100`,
};

const DELETE_TOMBSTONE = {
  name: "holdfast_delete_tombstone_1",
  text: `
    delete from holdfast.spaces
    where bucket = $1 and space_id = $2 and deleted_at is not null`,
};

/** Returns whether there was such a space, living. */
export async function deleteSpace(pool: Pool, spaceId: string): Promise<boolean> {
  const { rowCount } = await pool.query({
    ...RAISE_TOMBSTONE,
    values: [bucketOf(spaceId), spaceId],
  });
  if (rowCount === 0) return false;
  await purge(pool, spaceId);
  return true;
}

/** Returns how many spaces are gone for good. */
export async function sweepDeleted(pool: Pool, graceMs: number): Promise<number> {
  let swept = 0;
  for (;;) {
    const { rows } = await pool.query<{ space_id: string }>({
      ...SELECT_TOMBSTONES,
      values: [graceMs],
    });
    if (rows.length === 0) return swept;
    for (const { space_id: spaceId } of rows) {
      await purge(pool, spaceId);
      await pool.query({ ...DELETE_TOMBSTONE, values: [bucketOf(spaceId), spaceId] });
      swept += 1;
    }
  }
}

async function purge(pool: Pool, spaceId: string): Promise<void> {
  const where = [bucketOf(spaceId), spaceId] as const;
  const { rows } = await pool.query<{ run_id: string }>({ ...RUNS_OF_SPACE, values: [...where] });
  for (const { run_id: runId } of rows) {
    await inTransaction(pool, (client) => deleteRunRows(client, where[0], runId));
  }
  await pool.query({ ...DELETE_SESSIONS, values: [...where] });
  for (const statement of DELETE_CONTENT) {
    for (let deleted = BATCH; deleted === BATCH; ) {
      const result = await pool.query({ ...statement, values: [...where] });
      deleted = result.rowCount ?? 0;
    }
  }
}
