/**
 * The end of what works on runs, in two parts: nothing new begins and what is under way may end; then,
 * after a grace period, whatever is left is let go of.
 */
import { realTime } from "../journal/index.ts";

/** How long what was let go of may take to say so. */
const PATIENCE_MS = 5_000;

export class Draining {
  readonly #draining = new AbortController();
  readonly #lettingGo = new AbortController();
  /** Aborted when nothing new is to begin. */
  readonly drain: AbortSignal;
  /** Aborted when nothing is waited for any more. */
  readonly letGo: AbortSignal;

  /** @param outer what ends this one when it ends itself */
  constructor(outer?: Draining) {
    const own = [this.#draining.signal, this.#lettingGo.signal] as const;
    this.drain = outer === undefined ? own[0] : AbortSignal.any([outer.drain, own[0]]);
    this.letGo = outer === undefined ? own[1] : AbortSignal.any([outer.letGo, own[1]]);
  }

  begin(reason: unknown): void {
    this.#draining.abort(reason);
  }

  /**
   * Resolves when what is under way has ended, by itself or because it was let go of; or when it has not
   * even then, since no database is there to tell.
   */
  async after(underWay: Promise<unknown>, graceMs: number): Promise<void> {
    const { promise: outOfPatience, resolve } = Promise.withResolvers<void>();
    let cancel = realTime.after(graceMs, () => {
      cancel = realTime.after(PATIENCE_MS, resolve);
      this.#lettingGo.abort(this.drain.reason);
    });
    try {
      await Promise.race([underWay, outOfPatience]);
    } finally {
      cancel();
    }
  }
}
