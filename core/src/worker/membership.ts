/**
 * This runtime as a worker. Invariant: it is one worker at a time, and what it holds it holds under that
 * worker's id. Taken for dead, it lets go of everything at once, says so, and when it is needed again
 * enters as another worker, which no one has reason to call dead.
 */
import { hostname } from "node:os";
import { HoldfastError } from "../errors/index.ts";
import type { Logger } from "../logger.ts";
import { type NewWorker, newId, type Presence, type Store } from "../store/index.ts";
import { processIdentity } from "../store/workers/process-identity.ts";
import type { Serves } from "./serves.ts";

/** How long a worker that falls silent keeps its runs, unless its runtime says. */
export const LEASE_MS = 10_000;

export interface Member {
  readonly worker: NewWorker;
  /** Aborted when it is no worker any more: what it held is not its own. */
  readonly lost: AbortSignal;
  /**
   * Nothing while it certainly is one. Else resolves when that is known again, if it ever is: what it
   * heard from the database before may be of another time.
   */
  certain(): Promise<void> | undefined;
}

interface Entered extends Member {
  readonly presence: Presence;
}

export class Membership {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #leaseMs: number;
  #entered: Promise<Entered> | undefined;
  #hearsHints = (): boolean => false;
  #lose: (worker: NewWorker) => void = () => {};
  readonly #serves = new Set<Serves>();

  constructor(store: Store, logger: Logger, leaseMs: number) {
    this.#store = store;
    this.#logger = logger;
    this.#leaseMs = leaseMs;
  }

  /** Whether hints of other processes arrive: then polling is only for what slips through. */
  get hearsHints(): boolean {
    return this.#hearsHints();
  }

  /** The worker that this runtime is, from now on if it was none. */
  async current(): Promise<Member> {
    this.#entered ??= this.#enter().catch((error: unknown) => {
      // The next run may find the database there.
      this.#entered = undefined;
      throw error;
    });
    return this.#entered;
  }

  /** Does something as the current worker; as the next one, if the database does not know it any more. */
  async act<T>(act: (member: Member) => Promise<T>): Promise<T> {
    for (;;) {
      const member = await this.current();
      try {
        return await act(member);
      } catch (error) {
        if (!HoldfastError.is(error, "WORKER_LOST")) throw error;
        this.#lose(member.worker);
      }
    }
  }

  /** Says what it serves, until the function it returns is called. */
  async announce(serves: Serves): Promise<() => Promise<void>> {
    this.#serves.add(serves);
    await this.#tellNow();
    return () => {
      this.#serves.delete(serves);
      return this.#tellNow();
    };
  }

  async leave(): Promise<void> {
    const entered = await this.#entered?.catch(() => undefined);
    await entered?.presence.leave();
  }

  async #enter(): Promise<Entered> {
    const identity = processIdentity();
    const worker: NewWorker = {
      id: newId(),
      leaseMs: this.#leaseMs,
      host: hostname(),
      pid: process.pid,
      ...(identity === undefined ? {} : { process: identity }),
    };
    const aborter = new AbortController();
    this.#lose = (lost) => {
      if (lost.id !== worker.id || aborter.signal.aborted) return;
      this.#entered = undefined;
      const error = takenForDead(worker.id);
      this.#logger.warn(error.message, { workerId: worker.id });
      aborter.abort(error);
    };
    const presence = await this.#store.enter(worker, {
      buried: () => this.#lose(worker),
      noticed: (message, fields) => this.#logger.warn(message, { workerId: worker.id, ...fields }),
    });
    this.#hearsHints = () => presence.hearsHints;
    try {
      if (this.#serves.size > 0) await this.#tell(presence);
    } catch (error) {
      // It would live on, and nobody would know it.
      await presence.leave().catch(() => {});
      throw error;
    }
    return { worker, lost: aborter.signal, certain: () => presence.certain(), presence };
  }

  async #tellNow(): Promise<void> {
    const entered = await this.#entered;
    if (entered !== undefined) await this.#tell(entered.presence);
  }

  #tell(presence: Presence): Promise<void> {
    return presence.tell(JSON.stringify([...this.#serves]));
  }
}

function takenForDead(workerId: string): HoldfastError {
  return new HoldfastError(
    "WORKER_LOST",
    `Worker ${workerId} was taken for dead: it lets go of its runs, and others go on with them.`,
    {
      hint: "The process was stopped or cut off for longer than its lease. It goes on as another worker.",
      details: { workerId },
    },
  );
}
