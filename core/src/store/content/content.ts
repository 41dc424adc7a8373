/**
 * Texts on their way into a space: under which hash they are kept, and whether they stand in the
 * row itself or in an item that others can share.
 */
import type { SpaceCipher } from "../../cipher/index.ts";
import { HASH_BYTES } from "./list-plan.ts";
import type { Value } from "./value.ts";

/** Bodies up to this size stand in their row, unless they are said to be shared. */
const INLINE_BYTES = 2048;

/** A text to be stored once in the space, under its hash. */
export interface Item {
  readonly hash: Buffer;
  readonly text: string;
}

/** An ordered list of texts: each an item, together named by the hash of their hashes. */
export interface ItemList {
  readonly hash: Buffer;
  readonly hashes: Buffer;
  readonly texts: readonly string[];
  /** How many of them the list before it in its run began with. */
  readonly repeated: number;
}

/** A value of a row: in `body` (sealed already), or in the item it names. */
export interface RowValue {
  readonly body: string | null;
  readonly item: Item | null;
}

/** The list of these texts. Those it begins with as the list `before` did are not hashed again. */
export function itemList(
  texts: readonly string[],
  cipher: SpaceCipher,
  before: ItemList | null,
): ItemList {
  const repeated = before === null ? 0 : sharedStart(before.texts, texts);
  const known = before === null ? [] : [before.hashes.subarray(0, repeated * HASH_BYTES)];
  const fresh = texts.slice(repeated).map((text) => cipher.hash(text));
  const hashes = Buffer.concat([...known, ...fresh]);
  return { hash: cipher.hash(hashes), hashes, texts: [...texts], repeated };
}

function sharedStart(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

export const NOTHING: RowValue = { body: null, item: null };

export function rowValue(value: Value | undefined, cipher: SpaceCipher): RowValue {
  if (value === undefined) return NOTHING;
  const { text, shared = false } = value;
  if (shared || text.length > INLINE_BYTES) {
    return { body: null, item: { hash: cipher.hash(text), text } };
  }
  return inlineValue(text, cipher);
}

/** For rows that have no room for an item. */
export function inlineValue(text: string | undefined, cipher: SpaceCipher): RowValue {
  return text === undefined ? NOTHING : { body: cipher.seal(text), item: null };
}
