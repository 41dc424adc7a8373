/**
 * What others say to a run: write-once rows, first writer wins. A number that two writers reach for
 * at once goes to one of them (unique key); the other, having waited for its commit, sees nothing
 * inserted and tries the next. So numbers are gapless and become visible in their order. The run's
 * row is locked against removal, so that nothing is said to a run that is not there any more.
 */
import type { Pool } from "pg";
import type { SpaceCipher } from "../../cipher/index.ts";
import { bucketOf } from "../id.ts";
import type { Control, NewControl } from "../store.ts";
import { refuseUnstorable, runNotFound } from "../store-errors.ts";

const INSERT_CONTROL = {
  name: "holdfast_insert_control_1",
  text: `
    insert into holdfast.control (bucket, run_id, seq, key, kind, body, author)
    select r.bucket, r.run_id,
           1 + coalesce((select max(c.seq) from holdfast.control c
                         where c.bucket = $1 and c.run_id = $2), 0),
           $3, $4, $5, $6
    from (select bucket, run_id from holdfast.runs
          where bucket = $1 and run_id = $2 for key share) r
    on conflict do nothing
    returning seq, key, kind, body, author, at`,
};

const SELECT_KEY = {
  name: "holdfast_select_control_key_1",
  text: `
    select seq, key, kind, body, author, at from holdfast.control
    where bucket = $1 and run_id = $2 and key = $3`,
};

const SELECT_AFTER = {
  name: "holdfast_select_control_after_1",
  text: `
    select seq, key, kind, body, author, at from holdfast.control
    where bucket = $1 and run_id = $2 and seq > $3 order by seq`,
};

const RUN_EXISTS = {
  name: "holdfast_run_exists_1",
  text: "select 1 from holdfast.runs where bucket = $1 and run_id = $2",
};

interface ControlRow {
  readonly seq: number;
  readonly key: string;
  readonly kind: string;
  readonly body: string | null;
  readonly author: string | null;
  readonly at: Date;
}

export async function say(
  pool: Pool,
  cipher: SpaceCipher,
  runId: string,
  { key, kind, value, author }: NewControl,
): Promise<{ readonly won: boolean; readonly control: Control }> {
  const where = [bucketOf(runId), runId];
  refuseUnstorable(runId, { key, kind, value, author });
  const body = value === undefined ? null : cipher.seal(value);
  for (;;) {
    const inserted = await pool.query<ControlRow>({
      ...INSERT_CONTROL,
      values: [...where, key, kind, body, author ?? null],
    });
    if (inserted.rows[0]) return { won: true, control: toControl(inserted.rows[0], cipher) };
    // A statement of its own: the insert's snapshot is older than a winner it waited for.
    const winner = await pool.query<ControlRow>({ ...SELECT_KEY, values: [...where, key] });
    if (winner.rows[0]) return { won: false, control: toControl(winner.rows[0], cipher) };
    const run = await pool.query({ ...RUN_EXISTS, values: where });
    if (run.rowCount === 0) throw runNotFound(runId);
  }
}

export async function said(
  pool: Pool,
  cipher: SpaceCipher,
  runId: string,
  after: number,
): Promise<readonly Control[]> {
  const { rows } = await pool.query<ControlRow>({
    ...SELECT_AFTER,
    values: [bucketOf(runId), runId, after],
  });
  return rows.map((row) => toControl(row, cipher));
}

function toControl({ seq, key, kind, body, author, at }: ControlRow, cipher: SpaceCipher): Control {
  const value = body === null ? undefined : cipher.open(body);
  return { seq, key, kind, value, author: author ?? undefined, at };
}
