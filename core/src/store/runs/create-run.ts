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
import { type RunRow, readRunRow } from "./read-run.ts";
import type { NewRun } from "./run.ts";
import { A_WHILE } from "./take-over.ts";

const INSERT_SPACE = {
  name: "holdfast_insert_space_1",
  text: `
    insert into holdfast.spaces (bucket, space_id, namespace, key) values ($1, $2, $3, $4)
    on conflict do nothing`,
};

const INSERT_RUN = {
  name: "holdfast_insert_run_2",
  text: `
    insert into holdfast.runs
      (bucket, run_id, space_id, sweeps, parent_id, namespace, app, queue, ready_at)
    select s.bucket, $2, s.space_id, s.sweeps, $4, $5, $6, $7,
           case when $8 then now() else now() + ${A_WHILE} end
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

/** `cipher` is that of the run's space. */
export function createRun(
  pool: Pool,
  cipher: SpaceCipher,
  newRun: NewRun,
): Promise<{ readonly row: RunRow; readonly created: boolean }> {
  const { runId, spaceId = runId, spaceKey, parentId, namespace, app, opening = [] } = newRun;
  const { queue = "default", ready = true } = newRun;
  const bucket = bucketOf(runId);
  return inTransaction(pool, async (client) => {
    await client.query({ ...INSERT_SPACE, values: [bucket, spaceId, namespace, spaceKey ?? null] });
    const { rowCount } = await client.query({
      ...INSERT_RUN,
      values: [bucket, runId, spaceId, parentId ?? null, namespace, app, queue, ready],
    });
    const created = rowCount === 1;
    if (created && opening.length > 0) {
      const names = opening.map(({ entry }) => entry);
      const bodies = opening.map(({ value }) => inlineValue(value?.text, cipher).body);
      await client.query({ ...INSERT_OPENING, values: [bucket, runId, names, bodies] });
    }
    const row = await readRunRow(client, runId);
    if (row === undefined) throw spaceDeleted(spaceId);
    return { row, created };
  });
}
