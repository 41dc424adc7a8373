export interface ArrayKeys {
  /** The indexes that hold an item, in order; undefined if there are no holes. */
  readonly indexes: readonly number[] | undefined;
  /** The names of enumerable properties that are no items. */
  readonly names: readonly string[];
}

const DENSE: ArrayKeys = { indexes: undefined, names: [] };

/** Tells items, holes and other properties of an array apart, quickly for an ordinary one. */
export function arrayKeys(array: readonly unknown[]): ArrayKeys {
  const { length } = array;
  const keys = Object.keys(array);
  // Keys are listed in order and indexes first, so the last one tells whether all are indexes.
  if (keys.length === length && (length === 0 || keys.at(-1) === String(length - 1))) return DENSE;
  const indexes: number[] = [];
  const names: string[] = [];
  for (const key of keys) {
    const index = Number(key);
    if (index < length && String(index) === key && Number.isInteger(index) && index >= 0) {
      indexes.push(index);
    } else {
      names.push(key);
    }
  }
  return { indexes: indexes.length === length ? undefined : indexes, names };
}
