/**
 * The way in for the rows of one process. Invariant: each row is written, or refused, in a microtask
 * of its own and in the order of `append` calls, so what another process does can come between any
 * two of them, and the same program always meets the same order. No timer, nothing random.
 */
import { storeClosed } from "../store-closed.ts";

export class MemoryRowQueue {
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  /** Settles as `write` does. */
  append(write: () => void): Promise<void> {
    const written = this.#closed ? Promise.reject(storeClosed()) : this.#last.then(write);
    this.#last = written.catch(() => {});
    return written;
  }

  /** Resolves when everything queued so far is settled. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** Takes nothing more, and resolves when everything queued is settled. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#last;
  }
}
