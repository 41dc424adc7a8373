/**
 * Texts on their way into a space: under which hash they are kept, and whether they stand in the
 * row itself or in an item that others can share.
 */
import type { SpaceCipher } from "../../cipher/index.ts";
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
  /** How many of them a list before it in its run began with. */
  readonly repeated: number;
}

/** A value of a row: in `body` (sealed already), or in the item it names. */
export interface RowValue {
  readonly body: string | null;
  readonly item: Item | null;
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
