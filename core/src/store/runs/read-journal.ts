import type { Pool } from "pg";
import type { SpaceCipher } from "../../cipher/index.ts";
import { bucketOf } from "../id.ts";
import type { Entry } from "../journal/entry.ts";

const PAGE_ENTRIES = 500;
/** A page ends early here, so that a run that said large things does not fill the memory. */
const PAGE_BYTES = 16 * 1024 * 1024;

interface StepRow {
  readonly seq: number;
  readonly epoch: number;
  readonly entry: string;
  readonly step: number | null;
  readonly kind: string | null;
  readonly name: string | null;
  readonly scope: string | null;
  readonly call_id: string | null;
  readonly hash: string | null;
  readonly overlapped: boolean;
  readonly input: Buffer | null;
  readonly body: string | null;
  readonly at: Date;
}

interface PagedRow extends StepRow {
  /** How many entries there were to choose from, up to a page. */
  readonly available: number;
}

const COLUMNS = `
  s.seq, s.epoch, s.entry, s.step, s.kind, s.name, s.scope, s.call_id, s.hash, s.overlapped, s.input,
  coalesce(s.body, i.body) as body, s.at`;

const SELECT_STEPS = {
  name: "holdfast_select_steps_1",
  text: `
    with page as (
      select ${COLUMNS}
      from holdfast.steps s
      left join holdfast.items i on i.bucket = $1 and i.space_id = $3 and i.hash = s.item
      where s.bucket = $1 and s.run_id = $2 and s.seq > $4
      order by s.seq limit ${PAGE_ENTRIES}
    ), weighed as (
      select page.*, count(*) over ()::int as available, row_number() over (order by seq) as nth,
             sum(octet_length(body)) over (order by seq) as bytes
      from page
    )
    select seq, epoch, entry, step, kind, name, scope, call_id, hash, overlapped, input, body, at,
           available
    from weighed where nth = 1 or bytes is null or bytes <= ${PAGE_BYTES} order by seq`,
};

export interface JournalPage {
  readonly entries: readonly Entry[];
  readonly isLast: boolean;
}

export async function readJournalPage(
  pool: Pool,
  cipher: SpaceCipher,
  { runId, spaceId, after }: { runId: string; spaceId: string; after: number },
): Promise<JournalPage> {
  const { rows } = await pool.query<PagedRow>({
    ...SELECT_STEPS,
    values: [bucketOf(runId), runId, spaceId, after],
  });
  const available = rows[0]?.available ?? 0;
  return {
    entries: rows.map((row) => entryOf(row, cipher)),
    isLast: available < PAGE_ENTRIES && rows.length === available,
  };
}

/** From the end backwards: what is asked for is mostly there. */
const SELECT_NEWEST = {
  name: "holdfast_select_newest_entry_1",
  text: `
    select ${COLUMNS}
    from holdfast.steps s
    left join holdfast.items i on i.bucket = $1 and i.space_id = $3 and i.hash = s.item
    where s.bucket = $1 and s.run_id = $2 and s.entry = any($4)
    order by s.seq desc limit 1`,
};

export async function readNewestEntry(
  pool: Pool,
  cipher: SpaceCipher,
  { runId, spaceId, of }: { runId: string; spaceId: string; of: readonly string[] },
): Promise<Entry | undefined> {
  const { rows } = await pool.query<StepRow>({
    ...SELECT_NEWEST,
    values: [bucketOf(runId), runId, spaceId, of],
  });
  return rows[0] && entryOf(rows[0], cipher);
}

function entryOf(row: StepRow, cipher: SpaceCipher): Entry {
  return {
    seq: row.seq,
    epoch: row.epoch,
    entry: row.entry,
    step: row.step ?? undefined,
    kind: row.kind ?? undefined,
    name: row.name ?? undefined,
    scope: row.scope ?? undefined,
    callId: row.call_id ?? undefined,
    hash: row.hash ?? undefined,
    overlapped: row.overlapped,
    input: row.input?.toString("hex"),
    value: row.body === null ? undefined : cipher.open(row.body),
    at: row.at,
  };
}
