import type { Pool } from "pg";
import type { SpaceCipher } from "../../cipher/index.ts";
import { BUCKETS, bucketOf } from "../id.ts";
import { OVER } from "../run-status.ts";
import type { Wait, WaitForEnd } from "./wait.ts";

interface WaitRow {
  readonly seq: number;
  readonly kind: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly body: string | null;
  readonly opened_at: Date;
  readonly due_in: number | null;
}

const SELECT_OPEN_WAITS = {
  name: "holdfast_select_open_waits_1",
  text: `
    select seq, kind, name, fingerprint, body, opened_at,
           (extract(epoch from due_at - now()) * 1000)::float8 as due_in
    from holdfast.waits
    where bucket = $1 and run_id = $2 and closed_at is null order by seq`,
};

/** Buckets are carried in ids: see `bucketOf`. */
const SELECT_WAITS_FOR_END = {
  name: "holdfast_select_waits_for_end_1",
  text: `
    select w.run_id as "runId", w.seq, w.name as of
    from holdfast.waits w
    join holdfast.runs r
      on r.bucket = (('x' || right(w.name, 3))::bit(12)::int & ${BUCKETS - 1})
     and r.run_id = w.name::uuid
    where w.kind = 'child' and w.closed_at is null and ($1::text is null or w.name = $1)
      and r.status in (${OVER.map((status) => `'${status}'`).join(", ")})`,
};

export async function readWaitsForEnd(
  pool: Pool,
  of: string | undefined,
): Promise<readonly WaitForEnd[]> {
  const { rows } = await pool.query<WaitForEnd>({ ...SELECT_WAITS_FOR_END, values: [of ?? null] });
  return rows;
}

export async function readOpenWaits(
  pool: Pool,
  cipher: SpaceCipher,
  runId: string,
): Promise<readonly Wait[]> {
  const { rows } = await pool.query<WaitRow>({
    ...SELECT_OPEN_WAITS,
    values: [bucketOf(runId), runId],
  });
  return rows.map(({ seq, kind, name, fingerprint, body, opened_at, due_in }) => ({
    seq,
    kind,
    name,
    fingerprint,
    body: body === null ? undefined : cipher.open(body),
    openedAt: opened_at,
    dueInMs: due_in ?? undefined,
  }));
}
