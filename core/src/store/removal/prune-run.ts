/**
 * Removes one run from a living space, then everything of the space that nothing left refers to.
 *
 * Invariant: no writer refers to an item or list that the sweep removes. The transaction raises
 * `sweeps` on the space and on all its runs first, which waits for appends in flight; appends that
 * wait for it are refused afterwards, content and entries, since they carry the older number, and
 * their writers send again all that they had believed to be stored.
 */
import type { Pool, PoolClient } from "pg";
import { bucketOf } from "../id.ts";
import { readRunRow } from "../runs/read-run.ts";
import { inTransaction } from "../transaction.ts";
import { deleteRunRows } from "./delete-run-rows.ts";

const RAISE_SPACE_SWEEPS = {
  name: "holdfast_raise_space_sweeps_1",
  text: `
    update holdfast.spaces
    set sweeps = greatest(sweeps + 1, (extract(epoch from now()) * 1000000)::bigint)
    where bucket = $1 and space_id = $2
    returning sweeps`,
};

/** Locked in the order in which appends lock them. */
const RAISE_RUN_SWEEPS = {
  name: "holdfast_raise_run_sweeps_1",
  text: `
    update holdfast.runs r set sweeps = $3
    from (select bucket, run_id from holdfast.runs where bucket = $1 and space_id = $2
          order by bucket, run_id for update) o
    where r.bucket = $1 and r.bucket = o.bucket and r.run_id = o.run_id`,
};

const SWEEP_LISTS = {
  name: "holdfast_sweep_lists_1",
  text: `
    with recursive live as (
      select l.hash, l.parent from holdfast.lists l
      where l.bucket = $1 and l.space_id = $2 and (
        l.hash in (select s.input from holdfast.steps s
                   join holdfast.runs r on r.bucket = $1 and r.run_id = s.run_id
                   where s.bucket = $1 and r.space_id = $2)
        or l.hash in (select x.list from holdfast.sessions x
                      where x.bucket = $1 and x.space_id = $2))
      union
      select l.hash, l.parent from live c
      join holdfast.lists l on l.bucket = $1 and l.space_id = $2 and l.hash = c.parent
    )
    delete from holdfast.lists l
    where l.bucket = $1 and l.space_id = $2
      and not exists (select 1 from live where live.hash = l.hash)`,
};

/** Every list that is left keeps all its items, so whatever is stored can be rebuilt. */
const SWEEP_ITEMS = {
  name: "holdfast_sweep_items_1",
  text: `
    with live as (
      select substr(l.delta, o * 32 + 1, 32) as hash
      from holdfast.lists l cross join lateral generate_series(0, length(l.delta) / 32 - 1) as o
      where l.bucket = $1 and l.space_id = $2
      union
      select s.item from holdfast.steps s
      join holdfast.runs r on r.bucket = $1 and r.run_id = s.run_id
      where s.bucket = $1 and r.space_id = $2
      union
      select x.item from holdfast.sessions x where x.bucket = $1 and x.space_id = $2
    )
    delete from holdfast.items i
    where i.bucket = $1 and i.space_id = $2
      and not exists (select 1 from live where live.hash = i.hash)`,
};

export async function pruneRun(pool: Pool, runId: string): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const run = await readRunRow(client, runId);
    if (run === undefined) return false;
    const bucket = bucketOf(runId);
    await raiseSweeps(client, bucket, run.space_id);
    if (!(await deleteRunRows(client, bucket, runId))) return false;
    await client.query({ ...SWEEP_LISTS, values: [bucket, run.space_id] });
    await client.query({ ...SWEEP_ITEMS, values: [bucket, run.space_id] });
    return true;
  });
}

async function raiseSweeps(client: PoolClient, bucket: number, spaceId: string): Promise<void> {
  const { rows } = await client.query<{ sweeps: string }>({
    ...RAISE_SPACE_SWEEPS,
    values: [bucket, spaceId],
  });
  await client.query({ ...RAISE_RUN_SWEEPS, values: [bucket, spaceId, rows[0]?.sweeps] });
}
