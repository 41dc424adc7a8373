/**
 * A list of short texts that is only added to, in as many slots as it takes: the newest in one of their
 * own, so that adding costs the same however many there are. Invariant: what was added is found, in
 * order, by whoever opens it after `append` has resolved.
 */
import type { CheckpointSpace } from "./checkpoint-space.ts";

/** Texts of one slot, together. */
const ROOM = 1_500;

interface Newest {
  /** How many slots are full. */
  readonly full: number;
  readonly texts: readonly string[];
}

export class Ledger {
  readonly #space: CheckpointSpace;
  readonly #slot: string;
  #full: number;
  #texts: string[];

  private constructor(space: CheckpointSpace, slot: string, { full, texts }: Newest) {
    this.#space = space;
    this.#slot = slot;
    this.#full = full;
    this.#texts = [...texts];
  }

  static async open(space: CheckpointSpace, slot: string): Promise<Ledger> {
    const stored = await space.read(slot);
    const newest = stored === undefined ? { full: 0, texts: [] } : JSON.parse(stored.value!);
    return new Ledger(space, slot, newest as Newest);
  }

  get newest(): string | undefined {
    return this.#texts.at(-1);
  }

  /** Whether it was added of late. */
  hasLately(text: string): boolean {
    return this.#texts.includes(text);
  }

  async append(text: string): Promise<void> {
    const length = this.#texts.reduce((sum, each) => sum + each.length + 3, 0);
    const writes: Promise<void>[] = [];
    if (this.#texts.length > 0 && length + text.length > ROOM) {
      writes.push(this.#write(`${this.#slot}#${this.#full}`, this.#texts));
      this.#full += 1;
      this.#texts = [];
    }
    this.#texts.push(text);
    const newest: Newest = { full: this.#full, texts: this.#texts };
    await Promise.all([...writes, this.#write(this.#slot, newest)]);
  }

  async *newestFirst(): AsyncGenerator<string> {
    yield* this.#texts.toReversed();
    for (let slot = this.#full - 1; slot >= 0; slot -= 1) {
      const stored = await this.#space.read(`${this.#slot}#${slot}`);
      if (stored !== undefined) yield* (JSON.parse(stored.value!) as string[]).toReversed();
    }
  }

  async clear(): Promise<void> {
    const slots = Array.from({ length: this.#full }, (_, slot) => `${this.#slot}#${slot}`);
    this.#full = 0;
    this.#texts = [];
    await Promise.all([this.#slot, ...slots].map((slot) => this.#space.write(slot, [], undefined)));
  }

  #write(slot: string, content: unknown): Promise<void> {
    return this.#space.write(slot, [], JSON.stringify(content));
  }
}
