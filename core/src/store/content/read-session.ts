import type { Pool } from "pg";
import { bucketOf } from "../id.ts";

export interface SessionSlotRow {
  readonly list: Buffer | null;
  readonly body: string | null;
  readonly run_id: string;
  readonly at: Date;
}

const SELECT_SESSION = {
  name: "holdfast_select_session_1",
  text: `
    select x.list, coalesce(x.body, i.body) as body, x.run_id, x.at
    from holdfast.sessions x
    left join holdfast.items i on i.bucket = $1 and i.space_id = $2 and i.hash = x.item
    where x.bucket = $1 and x.space_id = $2 and x.slot = $3`,
};

export async function readSessionSlot(
  pool: Pool,
  spaceId: string,
  slot: string,
): Promise<SessionSlotRow | undefined> {
  const { rows } = await pool.query<SessionSlotRow>({
    ...SELECT_SESSION,
    values: [bucketOf(spaceId), spaceId, slot],
  });
  return rows[0];
}
