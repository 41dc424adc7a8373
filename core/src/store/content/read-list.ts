/** Rebuilds lists from their chains of nodes. */
import type { Pool } from "pg";
import type { SpaceCipher } from "../../cipher/index.ts";
import { bucketOf } from "../id.ts";
import { incompleteList } from "../store-errors.ts";
import { HASH_BYTES, type KnownList, type Segment } from "./list-plan.ts";
import { keyOf } from "./space-memory.ts";

interface NodeRow {
  readonly head: Buffer;
  readonly hash: Buffer;
  readonly keep: number;
  readonly delta: Buffer;
}

const SELECT_CHAINS = {
  name: "holdfast_select_chains_1",
  text: `
    with recursive chain as (
      select l.hash as head, 0 as depth, l.hash, l.parent, l.keep, l.delta
      from holdfast.lists l where l.bucket = $1 and l.space_id = $2 and l.hash = any($3::bytea[])
      union all
      select c.head, c.depth + 1, l.hash, l.parent, l.keep, l.delta
      from chain c join holdfast.lists l
        on l.bucket = $1 and l.space_id = $2 and l.hash = c.parent
      where c.keep > 0
    )
    select head, hash, keep, delta from chain order by head, depth`,
};

const RECENT_LISTS = {
  name: "holdfast_recent_lists_1",
  text: `
    select hash from holdfast.lists where bucket = $1 and space_id = $2
    order by at desc limit $3`,
};

const SELECT_ITEMS = {
  name: "holdfast_select_items_1",
  text: `
    select hash, body from holdfast.items
    where bucket = $1 and space_id = $2 and hash = any($3::bytea[])`,
};

/** The stored lists of these hashes; one that is not stored is missing from the answer. */
export async function readLists(
  pool: Pool,
  spaceId: string,
  hashes: readonly Buffer[],
): Promise<readonly KnownList[]> {
  const { rows } = await pool.query<NodeRow>({
    ...SELECT_CHAINS,
    values: [bucketOf(spaceId), spaceId, hashes],
  });
  const chains = new Map<string, NodeRow[]>();
  for (const row of rows) {
    const key = keyOf(row.head);
    const chain = chains.get(key);
    if (chain === undefined) chains.set(key, [row]);
    else chain.push(row);
  }
  return [...chains.values()].map((chain) => rebuild(spaceId, chain));
}

/** The lists a space gained last. */
export async function readRecentLists(
  pool: Pool,
  spaceId: string,
  count: number,
): Promise<readonly KnownList[]> {
  const { rows } = await pool.query<{ hash: Buffer }>({
    ...RECENT_LISTS,
    values: [bucketOf(spaceId), spaceId, count],
  });
  return readLists(
    pool,
    spaceId,
    rows.map(({ hash }) => hash),
  );
}

/** The texts of a list, in order. */
export async function readTexts(
  pool: Pool,
  spaceId: string,
  list: KnownList,
  cipher: SpaceCipher,
): Promise<readonly string[]> {
  const keys: string[] = [];
  const wanted = new Map<string, Buffer>();
  for (let at = 0; at < list.hashes.length; at += HASH_BYTES) {
    const hash = list.hashes.subarray(at, at + HASH_BYTES);
    const key = keyOf(hash);
    keys.push(key);
    wanted.set(key, hash);
  }
  const { rows } = await pool.query<{ hash: Buffer; body: string }>({
    ...SELECT_ITEMS,
    values: [bucketOf(spaceId), spaceId, [...wanted.values()]],
  });
  const texts = new Map(rows.map(({ hash, body }) => [keyOf(hash), cipher.open(body)]));
  return keys.map((key) => {
    const text = texts.get(key);
    if (text === undefined) throw incompleteList(spaceId, list.hash, "an item of it");
    return text;
  });
}

/** Walks from the list's own node to the oldest: each supplies the positions its heirs left open. */
function rebuild(spaceId: string, chain: readonly NodeRow[]): KnownList {
  const head = chain[0]!;
  let open = head.keep + head.delta.length / HASH_BYTES;
  const hashes = Buffer.alloc(open * HASH_BYTES);
  const segments: Segment[] = [];
  for (const { hash, keep, delta } of chain) {
    if (keep >= open) continue;
    delta.copy(hashes, keep * HASH_BYTES, 0, (open - keep) * HASH_BYTES);
    segments.unshift({ node: hash, from: keep });
    open = keep;
  }
  if (open > 0) throw incompleteList(spaceId, head.hash, "a list it begins like");
  return { hash: head.hash, hashes, segments };
}
