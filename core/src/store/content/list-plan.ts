/**
 * How a list of items is stored: as a *node*, the difference to a list the process knows to be
 * stored already ("the first `keep` items of `parent`, then these"). A list is cut into *segments*,
 * each the run of positions that one node of its chain supplies.
 *
 * Invariant: all segments but a trailing run of at most 64 short ones cover 64 positions or more,
 * so a chain is never longer than n/64 + 64 nodes, and a hash is written at most twice: once when
 * it is said, once when the short nodes at the end are merged. Bytes stay linear in what was said.
 */

export const HASH_BYTES = 32;
const SHORT = 64;

/** Positions from `from` up to the next segment come from the delta of `node`. */
export interface Segment {
  readonly node: Buffer;
  readonly from: number;
}

/** A list that is stored, with all its hashes and the nodes they come from. */
export interface KnownList {
  readonly hash: Buffer;
  readonly hashes: Buffer;
  readonly segments: readonly Segment[];
}

/** A row of `lists`. */
export interface ListNode {
  readonly hash: Buffer;
  readonly parent: Buffer | null;
  readonly keep: number;
  readonly delta: Buffer;
}

export interface PlannedList {
  readonly node: ListNode;
  readonly list: KnownList;
  /** How many of its items a known list begins with: those are stored. */
  readonly shared: number;
}

/** The node that stores the list `hash`, hung under whichever known list shares the longest start. */
export function planList(hash: Buffer, hashes: Buffer, known: Iterable<KnownList>): PlannedList {
  const { kept, shared } = longestSharedStart(hashes, known);
  const length = hashes.length / HASH_BYTES;
  const tail = shortTail(kept, shared);
  const merge = length - shared >= SHORT || kept.length - tail >= SHORT;

  const segments = merge ? kept.slice(0, tail) : kept;
  const from = merge ? (kept[tail]?.from ?? shared) : shared;
  const parent = segments.at(-1)?.node ?? null;
  const delta = hashes.subarray(from * HASH_BYTES);
  return {
    node: { hash, parent, keep: from, delta },
    list: {
      hash,
      hashes,
      segments: from < length ? [...segments, { node: hash, from }] : segments,
    },
    shared,
  };
}

function longestSharedStart(
  hashes: Buffer,
  known: Iterable<KnownList>,
): { readonly kept: readonly Segment[]; readonly shared: number } {
  let shared = 0;
  let base: KnownList | undefined;
  for (const list of known) {
    const length = commonStart(list.hashes, hashes);
    if (length > shared) {
      shared = length;
      base = list;
    }
  }
  return { kept: base?.segments.filter(({ from }) => from < shared) ?? [], shared };
}

/** How many hashes two lists begin with in common. Equality of starts is monotone, so bisect. */
function commonStart(a: Buffer, b: Buffer): number {
  let low = 0;
  let high = Math.min(a.length, b.length) / HASH_BYTES;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const same =
      a.compare(b, low * HASH_BYTES, middle * HASH_BYTES, low * HASH_BYTES, middle * HASH_BYTES) ===
      0;
    if (same) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Index of the first of the short segments that `kept` ends with. */
function shortTail(kept: readonly Segment[], length: number): number {
  let index = kept.length;
  let end = length;
  while (index > 0 && end - kept[index - 1]!.from < SHORT) {
    index -= 1;
    end = kept[index]!.from;
  }
  return index;
}
