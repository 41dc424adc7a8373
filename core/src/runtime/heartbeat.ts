/**
 * Tells the database that this process lives, so that nobody takes its runs. Begins with the first run
 * and ends with the runtime.
 */
import { hostname } from "node:os";
import type { Logger } from "../logger.ts";
import { newId, type Store } from "../store/index.ts";

/** How long a worker that falls silent keeps its runs. */
export const LEASE_MS = 10_000;

export class Heartbeat {
  readonly worker: { readonly id: string; readonly host: string; readonly pid: number };
  readonly #store: Store;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #first: Promise<void> | undefined;

  constructor(store: Store, logger: Logger) {
    this.worker = { id: newId(), host: hostname(), pid: process.pid };
    this.#store = store;
    this.#logger = logger;
  }

  /** Resolves when the first beat is written. */
  start(): Promise<void> {
    this.#first ??= this.#store.beat({ ...this.worker, leaseMs: LEASE_MS }).catch((error) => {
      // The next run may find the database there.
      this.#first = undefined;
      throw error;
    });
    this.#timer ??= setInterval(() => void this.#beat(), LEASE_MS / 3).unref();
    return this.#first;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#first !== undefined) await this.#store.retire(this.worker.id);
  }

  async #beat(): Promise<void> {
    try {
      await this.#store.beat({ ...this.worker, leaseMs: LEASE_MS });
    } catch (error) {
      this.#logger.warn("A heartbeat did not reach the database.", { error });
    }
  }
}
