/**
 * Hears what others say to the runs of this process: one look at the database for all of them, a few
 * times a second while there are any. Invariant: each listener is told each message after its number
 * once, in order.
 */
import type { Logger } from "../logger.ts";
import type { Control, Store } from "../store/index.ts";

interface Listener {
  readonly runId: string;
  readonly hear: (control: Control) => void;
  after: number;
}

const POLL_MS = 200;

export class ControlPoller {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(store: Store, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Tells of what is said after a number, until the function it returns is called. */
  listen(runId: string, after: number, hear: (control: Control) => void): () => void {
    const listener: Listener = { runId, hear, after };
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => void this.look(), POLL_MS).unref();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** Looks now: something was said from here. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const cursors = new Map<string, number>();
    for (const { runId, after } of this.#listeners) {
      cursors.set(runId, Math.min(after, cursors.get(runId) ?? after));
    }
    try {
      const heard = await this.#store.heard(
        [...cursors].map(([runId, after]) => ({ runId, after })),
      );
      for (const { runId, control } of heard) this.#tell(runId, control);
    } catch (error) {
      this.#logger.warn("Could not look for decisions and signals; looking again.", { error });
    }
  }

  #tell(runId: string, control: Control): void {
    for (const listener of [...this.#listeners]) {
      if (listener.runId !== runId || control.seq <= listener.after) continue;
      listener.after = control.seq;
      listener.hear(control);
    }
  }
}
