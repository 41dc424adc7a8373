/**
 * What others say to a run: write-once rows, first writer wins. The run's row is locked first, and keeps
 * the newest number: so numbers are gapless and become visible in their order, and nothing is said to a
 * run that is not there any more. Then the wait this is said on is locked against its closing, so that
 * nothing is said on a closed one: run before wait, as flushes do, or the two would deadlock.
 */
import type { Pool } from "pg";
import type { SpaceCipher } from "../../cipher/index.ts";
import { bucketOf } from "../id.ts";
import type { SpaceCiphers } from "../space-ciphers.ts";
import { refuseUnstorable, runNotFound } from "../store-errors.ts";
import type { Control, ControlCursor, Heard, NewControl, Said } from "./control.ts";

const SAID = "c.seq, c.key, c.kind, c.name, c.body, c.author, c.at";

/** The wait of the run `r` that something is said on, as it must be. From `$first` on: number, `while`, fingerprint. */
const heldWait = (first: number) => `
    select w.seq from holdfast.waits w
    where w.bucket = r.bucket and w.run_id = r.run_id and w.seq = $${first}::int and w.closed_at is null
      and case $${first + 1}::text
            when 'due' then w.due_at <= now()
            else w.due_at is null or now() < w.due_at
          end
      and ($${first + 2}::text is null or w.fingerprint = $${first + 2})`;

/**
 * The lock waits for a state that is just being written, and the run is then judged by it; a state that
 * is written later is written in view of `said`. So a run that waits is woken, in either order.
 */
const insertControl = (andLocks = "") => `
    with said as (
      insert into holdfast.control as c (bucket, run_id, seq, key, kind, name, body, author)
      select r.bucket, r.run_id, r.said + 1, $3, $4, $5, $6, $7
      from (select bucket, run_id, said from holdfast.runs
            where bucket = $1 and run_id = $2 for no key update) r${andLocks}
      on conflict do nothing
      returning ${SAID}
    ), woken as (
      update holdfast.runs r
      set said = said.seq,
          ready_at = case when r.status = 'waiting' and r.worker_id is null then now()
                          else r.ready_at end
      from said where r.bucket = $1 and r.run_id = $2
      returning case when r.ready_at <= now() then r.app end as woken_app
    )
    select * from said left join woken on true`;

const INSERT_CONTROL = { name: "holdfast_insert_control_3", text: insertControl() };

const INSERT_CONTROL_ON_WAIT = {
  name: "holdfast_insert_control_on_wait_2",
  text: insertControl(` cross join lateral (${heldWait(8)} for share) w`),
};

/** Who won the key, and whether the wait still is as it must be: no row if there is no run. */
const SELECT_WINNER = {
  name: "holdfast_select_control_winner_1",
  text: `
    select ${SAID}, $4::int is null or exists (${heldWait(4)}) as holds
    from holdfast.runs r
    left join holdfast.control c on c.bucket = r.bucket and c.run_id = r.run_id and c.key = $3
    where r.bucket = $1 and r.run_id = $2`,
};

const SELECT_AFTER = {
  name: "holdfast_select_control_after_2",
  text: `
    select ${SAID} from holdfast.control c
    where c.bucket = $1 and c.run_id = $2 and c.seq > $3 order by c.seq`,
};

const SELECT_HEARD = {
  name: "holdfast_select_heard_1",
  text: `
    select r.run_id, r.space_id, c.*
    from unnest($1::int[], $2::uuid[], $3::int[]) as k (bucket, run_id, after)
    join holdfast.runs r on r.bucket = k.bucket and r.run_id = k.run_id
    cross join lateral (
      select ${SAID} from holdfast.control c
      where c.bucket = k.bucket and c.run_id = k.run_id and c.seq > k.after) c
    order by r.run_id, c.seq`,
};

interface ControlRow {
  readonly seq: number;
  readonly key: string;
  readonly kind: string;
  readonly name: string | null;
  readonly body: string | null;
  readonly author: string | null;
  readonly at: Date;
}

/** All null but `holds` where nobody won. */
type WinnerRow = { readonly holds: boolean } & (ControlRow | { readonly seq: null });

type HeardRow = ControlRow & { readonly run_id: string; readonly space_id: string };

/** With the app of the run, if it is ready by that. */
export async function say(
  pool: Pool,
  cipher: SpaceCipher,
  runId: string,
  { key, kind, name, value, author, on }: NewControl,
): Promise<Said & { readonly wokenApp?: string | undefined }> {
  const where = [bucketOf(runId), runId, key];
  refuseUnstorable(runId, { key, kind, name, value, author, fingerprint: on?.fingerprint });
  const body = value === undefined ? null : cipher.seal(value);
  const message = [...where, kind, name ?? null, body, author ?? null];
  const guard = [on?.wait ?? null, on?.while ?? null, on?.fingerprint ?? null];
  const insert =
    on === undefined
      ? { ...INSERT_CONTROL, values: message }
      : { ...INSERT_CONTROL_ON_WAIT, values: [...message, ...guard] };
  for (;;) {
    const inserted = await pool.query<ControlRow & { readonly woken_app: string | null }>(insert);
    const [row] = inserted.rows;
    if (row !== undefined) {
      return { won: true, control: toControl(row, cipher), wokenApp: row.woken_app ?? undefined };
    }
    // A statement of its own: the insert's snapshot is older than a winner it waited for.
    const { rows } = await pool.query<WinnerRow>({
      ...SELECT_WINNER,
      values: [...where, ...guard],
    });
    const [found] = rows;
    if (found === undefined) throw runNotFound(runId);
    if (found.seq !== null) return { won: false, control: toControl(found, cipher) };
    if (!found.holds) return { won: false, control: undefined };
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

export async function heard(
  pool: Pool,
  ciphers: SpaceCiphers,
  cursors: readonly ControlCursor[],
): Promise<readonly Heard[]> {
  const { rows } = await pool.query<HeardRow>({
    ...SELECT_HEARD,
    values: [
      cursors.map(({ runId }) => bucketOf(runId)),
      cursors.map(({ runId }) => runId),
      cursors.map(({ after }) => after),
    ],
  });
  return Promise.all(
    rows.map(async (row) => ({
      runId: row.run_id,
      control: toControl(row, await ciphers.of(row.space_id)),
    })),
  );
}

function toControl(
  { seq, key, kind, name, body, author, at }: ControlRow,
  cipher: SpaceCipher,
): Control {
  const value = body === null ? undefined : cipher.open(body);
  return { seq, key, kind, name: name ?? undefined, value, author: author ?? undefined, at };
}
