/**
 * The runs that this runtime works on. The database tells workers apart, not who has a run within one: to
 * the worker that holds it, a run is granted again. Invariants: one here has a run at a time; who claims one
 * by its id has it here before, and who is granted one that somebody here has gives it back.
 */
import { unlessAborted } from "./unless-aborted.ts";

export class UnderWay {
  /** With what resolves when whoever has it does not any more. */
  readonly #runs = new Map<string, Promise<void>>();

  has(runId: string): boolean {
    return this.#runs.has(runId);
  }

  /** Does the work on a run now; undefined if somebody here has it. */
  ifFree<T>(runId: string, work: () => Promise<T>): Promise<T> | undefined {
    if (this.#runs.has(runId)) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#runs.set(runId, promise);
    return work().finally(() => {
      this.#runs.delete(runId);
      resolve();
    });
  }

  /** Does the work on a run when nobody else here has it. Rejects if the signal is aborted before. */
  async whenFree<T>(runId: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      const done = this.ifFree(runId, work);
      if (done !== undefined) return done;
      await unlessAborted(signal, this.#runs.get(runId)!);
    }
  }
}
