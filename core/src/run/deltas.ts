/**
 * Pieces of results that are still being made, for whoever looks on in this process. They are not
 * durable: of a call that is made again the pieces come again, after a `reset`.
 */
import type { StepInside } from "../journal/index.ts";

export interface Delta {
  readonly type: "delta" | "reset";
  readonly step: number;
  readonly try: number;
  /** The how-manieth piece of this try it is, from 1. */
  readonly nth: number;
  readonly value?: unknown;
}

type Listener = (delta: Delta) => void;

export class Deltas {
  readonly #listeners = new Map<string, Set<Listener>>();
  /** By try, how many pieces it has given. */
  readonly #counts = new WeakMap<StepInside, number>();

  /** Tells of the pieces of a run until the function it returns is called. */
  listen(runId: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(runId) ?? new Set();
    this.#listeners.set(runId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(runId);
    };
  }

  /** Of a step that was begun before: what was told of it is void. */
  begin(runId: string, inside: StepInside): void {
    if (inside.again) this.#tell(runId, inside, { type: "reset", nth: 0 });
  }

  piece(runId: string, inside: StepInside, value: unknown): void {
    const nth = (this.#counts.get(inside) ?? 0) + 1;
    this.#counts.set(inside, nth);
    this.#tell(runId, inside, { type: "delta", nth, value });
  }

  #tell(runId: string, inside: StepInside, what: Omit<Delta, "step" | "try">): void {
    const listeners = this.#listeners.get(runId);
    if (listeners === undefined) return;
    const delta: Delta = { ...what, step: inside.seq, try: inside.try };
    for (const listener of listeners) listener(delta);
  }
}
