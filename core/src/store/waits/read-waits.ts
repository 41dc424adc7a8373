import type { Pool } from "pg";
import type { SpaceCipher } from "../../cipher/index.ts";
import { bucketOf } from "../id.ts";
import type { Wait } from "../store.ts";

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
