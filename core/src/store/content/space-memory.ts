/**
 * What this process knows to be stored in a space: it spares sending again what every model call
 * repeats. Invariant: an item or list is in here only if a commit of the space's current sweep
 * acknowledged it or a read found it; forgetting is always safe, since a resend finds it there.
 */
import { HASH_BYTES, type KnownList } from "./list-plan.ts";

const MAX_ITEMS = 100_000;
const MAX_LISTS = 8;
const MAX_SPACES = 1_000;

export class SpaceMemory {
  /** The sweep of the space (see `runs.sweeps`) that this knowledge is of. */
  readonly sweeps: number;
  /** Whether the newest lists of the space have been looked for. */
  warm = false;
  readonly #items = new Set<string>();
  readonly #lists = new Map<string, KnownList>();

  constructor(sweeps: number) {
    this.sweeps = sweeps;
  }

  hasItem(hash: Buffer): boolean {
    return this.#items.has(keyOf(hash));
  }

  /** The stored list of this hash, now the most recently used one. */
  list(hash: Buffer): KnownList | undefined {
    const list = this.#lists.get(keyOf(hash));
    if (list !== undefined) this.learnList(list);
    return list;
  }

  /** Lists used of late: the ones a new list is likely to begin like. */
  lists(): Iterable<KnownList> {
    return this.#lists.values();
  }

  learnItem(hash: Buffer): void {
    if (this.#items.size >= MAX_ITEMS) this.#items.clear();
    this.#items.add(keyOf(hash));
  }

  learnItems(hashes: Buffer): void {
    for (let at = 0; at < hashes.length; at += HASH_BYTES) {
      this.learnItem(hashes.subarray(at, at + HASH_BYTES));
    }
  }

  learnList(list: KnownList): void {
    const key = keyOf(list.hash);
    this.#lists.delete(key);
    this.#lists.set(key, list);
    if (this.#lists.size > MAX_LISTS) this.#lists.delete(this.#lists.keys().next().value!);
  }
}

/** The memories of the spaces in use, least recently used ones dropped. */
export class SpaceMemories {
  readonly #spaces = new Map<string, SpaceMemory>();

  /** The memory of a space as of `sweeps` or later; what was known before that sweep is forgotten. */
  of(spaceId: string, sweeps: number): SpaceMemory {
    const found = this.#spaces.get(spaceId);
    const memory = found !== undefined && found.sweeps >= sweeps ? found : new SpaceMemory(sweeps);
    this.#spaces.delete(spaceId);
    this.#spaces.set(spaceId, memory);
    if (this.#spaces.size > MAX_SPACES) this.#spaces.delete(this.#spaces.keys().next().value!);
    return memory;
  }
}

/** One byte per character: the shortest string a Map can look up a hash by. */
export function keyOf(hash: Buffer): string {
  return hash.toString("latin1");
}
