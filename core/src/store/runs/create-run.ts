/**
 * Creates a run in its space, with the entries that open its journal. The space's row is locked while
 * the run is added, so a run never enters a space that is being swept or deleted: it sees the sweep,
 * or the tombstone.
 */
import type { Pool } from "pg";
import type { SpaceCipher } from "../../cipher/index.ts";
import { inlineValue } from "../content/content.ts";
import { bucketOf } from "../id.ts";
import { spaceDeleted } from "../store-errors.ts";
import { inTransaction } from "../transaction.ts";
import { findRunRow, RUN_COLUMNS, type RunRow, readRunRow } from "./read-run.ts";
import type { MadeRun, NewRun } from "./run.ts";
import { nameRun } from "./run-names.ts";
import { A_WHILE } from "./take-over.ts";

const INSERT_SPACE = {
  name: "holdfast_insert_space_1",
  text: `
    insert into holdfast.spaces (bucket, space_id, namespace, key) values ($1, $2, $3, $4)
    on conflict do nothing`,
};

/** Ready: `now`, `later`, or `never`, for one that is over. */
const statusAndReadyAt = (ready: string) => `
           case when ${ready}::text = 'never' then 'completed' else 'queued' end,
           case ${ready}::text when 'now' then now() when 'later' then now() + ${A_WHILE} end`;

const INSERT_RUN = {
  name: "holdfast_insert_run_3",
  text: `
    insert into holdfast.runs
      (bucket, run_id, space_id, sweeps, parent_id, namespace, app, queue, status, ready_at)
    select s.bucket, $2, s.space_id, s.sweeps, $4, $5, $6, $7,
           ${statusAndReadyAt("$8")}
    from (select bucket, space_id, sweeps from holdfast.spaces
          where bucket = $1 and space_id = $3 and deleted_at is null for share) s
    on conflict do nothing
    returning run_id`,
};

/** Of the epoch 0, which no writer has. */
const INSERT_OPENING = {
  name: "holdfast_insert_opening_2",
  text: `
    insert into holdfast.steps (bucket, run_id, seq, epoch, entry, body)
    select $1, $2, t.seq, 0, t.entry, t.body
    from unnest($3::text[], $4::text[]) with ordinality as t (entry, body, seq)`,
};

/** All of it at once: for a space that is new, as that of a run in no thread is. */
const INSERT_ALL = {
  name: "holdfast_insert_all_2",
  text: `
    with space as (
      insert into holdfast.spaces (bucket, space_id, namespace, key) values ($1, $2, $3, $4)
      on conflict do nothing
      returning bucket, space_id, sweeps
    ), r as (
      insert into holdfast.runs
        (bucket, run_id, space_id, sweeps, parent_id, namespace, app, queue, status, ready_at)
      select bucket, $5, space_id, sweeps, $6, $3, $7, $8,
             ${statusAndReadyAt("$9")}
      from space
      on conflict do nothing
      returning *
    ), opening as (
      insert into holdfast.steps (bucket, run_id, seq, epoch, entry, body)
      select r.bucket, r.run_id, t.seq, 0, t.entry, t.body
      from r cross join unnest($10::text[], $11::text[]) with ordinality as t (entry, body, seq)
    )
    select ${RUN_COLUMNS} from r`,
};

/** Locked, so that of two who look at once one sees the other's run. */
const LOCK_SPACE = {
  name: "holdfast_lock_space_1",
  text: `
    select 1 from holdfast.spaces where bucket = $1 and space_id = $2 for no key update`,
};

/**
 * In the words of the index for it. If there is none, whoever amends the space in the name of the newest
 * run comes too late from now on.
 */
const SELECT_UNFINISHED = {
  name: "holdfast_select_unfinished_2",
  text: `
    with unfinished as materialized (
      select ${RUN_COLUMNS} from holdfast.runs r
      where r.bucket = $1 and r.space_id = $2 and r.status in ('queued', 'running', 'waiting')
        and r.run_id <> $3
      limit 1
    ), fenced as (
      update holdfast.runs b set epoch = epoch + 1
      where b.bucket = $1 and not exists (select 1 from unfinished)
        and b.run_id = (
          select n.run_id from holdfast.runs n
          where n.bucket = $1 and n.space_id = $2 and n.run_id <> $3
          order by n.created_at desc, n.run_id desc limit 1)
    )
    select * from unfinished`,
};

interface MadeRow {
  readonly is: MadeRun["is"];
  readonly row: RunRow;
}

/** `cipher` is that of the run's space. */
export async function createRun(pool: Pool, cipher: SpaceCipher, newRun: NewRun): Promise<MadeRow> {
  const { runId, spaceId = runId, spaceKey, parentId, namespace, app, opening = [] } = newRun;
  const { nameId, alone = false, queue = "default", ready: isReady = true, over = false } = newRun;
  const ready = over ? "never" : isReady ? "now" : "later";
  const bucket = bucketOf(runId);
  const entries = opening.map(({ entry }) => entry);
  const bodies = opening.map(({ value }) => inlineValue(value?.text, cipher).body);
  if (spaceId === runId && nameId === undefined) {
    const space = [bucket, spaceId, namespace, spaceKey ?? null];
    const run = [runId, parentId ?? null, app, queue, ready];
    const values = [...space, ...run, entries, bodies];
    const { rows } = await pool.query<RunRow>({ ...INSERT_ALL, values });
    if (rows[0] !== undefined) return { is: "new", row: rows[0] };
  }
  return inTransaction(pool, async (client) => {
    const found = nameId === undefined ? undefined : await findRunRow(client, nameId);
    if (found !== undefined) return { is: "there", row: found };
    await client.query({ ...INSERT_SPACE, values: [bucket, spaceId, namespace, spaceKey ?? null] });
    if (alone) {
      await client.query({ ...LOCK_SPACE, values: [bucket, spaceId] });
      const values = [bucket, spaceId, runId];
      const { rows } = await client.query<RunRow>({ ...SELECT_UNFINISHED, values });
      if (rows[0] !== undefined) {
        // Somebody may have made it just now, while the space was waited for.
        const made = nameId === undefined ? undefined : await findRunRow(client, nameId);
        return made === undefined ? { is: "busy", row: rows[0] } : { is: "there", row: made };
      }
    }
    const { rowCount } = await client.query({
      ...INSERT_RUN,
      values: [bucket, runId, spaceId, parentId ?? null, namespace, app, queue, ready],
    });
    const created = rowCount === 1;
    if (created && opening.length > 0) {
      await client.query({ ...INSERT_OPENING, values: [bucket, runId, entries, bodies] });
    }
    const row = await readRunRow(client, runId);
    if (row === undefined) throw spaceDeleted(spaceId);
    const isNamed = nameId === undefined || !created || (await nameRun(client, nameId, runId));
    if (!isNamed) throw new JustNamed();
    return { is: created ? "new" : "there", row };
  });
}

/** Somebody has given the name to a run of another thread: to be tried again, and to find that one. */
class JustNamed extends Error {
  readonly code = "40001";
}
