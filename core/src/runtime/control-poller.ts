/**
 * Hears what others say to the runs of this process: one look at the database for all of them, at every
 * hint and now and then, while there are any. Invariant: each listener is told each message after its number
 * once, in order.
 */
import type { Logger } from "../logger.ts";
import type { Control, Store } from "../store/index.ts";
import type { Membership } from "../worker/membership.ts";
import { RepeatedLook } from "../worker/repeated-look.ts";
import { Trouble } from "../worker/trouble.ts";

interface Listener {
  readonly runId: string;
  readonly hear: (control: Control) => void;
  after: number;
}

const POLL_MS = 200;
const POLL_BESIDE_HINTS_MS = 2_000;

export class ControlPoller {
  readonly #store: Store;
  readonly #trouble: Trouble;
  readonly #listeners = new Set<Listener>();
  readonly #membership: Membership;
  readonly #looks: RepeatedLook = new RepeatedLook(() => this.#look());
  #unlisten: () => void = () => {};

  constructor(store: Store, logger: Logger, membership: Membership) {
    this.#store = store;
    this.#trouble = new Trouble(logger, "Could not look for decisions and signals");
    this.#membership = membership;
  }

  /** Tells of what is said after a number, until the function it returns is called. */
  listen(runId: string, after: number, hear: (control: Control) => void): () => void {
    const listener: Listener = { runId, hear, after };
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) {
      this.#unlisten = this.#store.listen(({ said }) => {
        const isMeant = said?.some((id) => [...this.#listeners].some((one) => one.runId === id));
        if (isMeant) void this.look();
      });
      this.#looks.start(this.#nextLookMs());
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      void this.#looks.stop();
      this.#unlisten();
    };
  }

  /** Resolves when everything is told that was said until now. */
  look(): Promise<void> {
    return this.#looks.now();
  }

  #nextLookMs(): number {
    return this.#membership.hearsHints ? POLL_BESIDE_HINTS_MS : POLL_MS;
  }

  async #look(): Promise<number> {
    const cursors = new Map<string, number>();
    for (const { runId, after } of this.#listeners) {
      cursors.set(runId, Math.min(after, cursors.get(runId) ?? after));
    }
    try {
      const heard = await this.#store.heard(
        [...cursors].map(([runId, after]) => ({ runId, after })),
      );
      for (const { runId, control } of heard) this.#tell(runId, control);
      this.#trouble.isOver();
    } catch (error) {
      this.#trouble.happened(error);
    }
    return this.#nextLookMs();
  }

  #tell(runId: string, control: Control): void {
    for (const listener of [...this.#listeners]) {
      if (listener.runId !== runId || control.seq <= listener.after) continue;
      listener.after = control.seq;
      listener.hear(control);
    }
  }
}
