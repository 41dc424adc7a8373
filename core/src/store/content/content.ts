/**
 * Texts on their way into a space: under which hash they are kept, and whether they stand in the
 * row itself or in an item that others can share.
 */
import type { SpaceCipher } from "../../cipher/index.ts";
import type { Value } from "../store.ts";

/** Bodies up to this size stand in their row, unless they are said to be shared. */
export const INLINE_BYTES = 2048;

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
}

/** A value of a row: in `body` (sealed already), or in the item it names. */
export interface RowValue {
  readonly body: string | null;
  readonly item: Item | null;
}

export function itemList(texts: readonly string[], cipher: SpaceCipher): ItemList {
  const hashes = Buffer.concat(texts.map((text) => cipher.hash(text)));
  return { hash: cipher.hash(hashes), hashes, texts: [...texts] };
}

export function rowValue(value: Value | undefined, cipher: SpaceCipher): RowValue {
  if (value === undefined) return { body: null, item: null };
  const { text, shared = false } = value;
  if (shared || text.length > INLINE_BYTES) {
    return { body: null, item: { hash: cipher.hash(text), text } };
  }
  return { body: cipher.seal(text), item: null };
}
