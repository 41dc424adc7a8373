/**
 * Waits for runs that others have: one look at the database for all of them, at every hint and now and
 * then. Invariant: whoever waits sees the newest standing at the latest one poll after it is there.
 */
import type { Logger } from "../logger.ts";
import type { Standing, Store } from "../store/index.ts";
import { runNotFound } from "../store/store-errors.ts";
import type { Membership } from "./membership.ts";
import { RepeatedLook } from "./repeated-look.ts";
import { Trouble } from "./trouble.ts";

const POLL_MS = 200;
const POLL_BESIDE_HINTS_MS = 1_000;
/** Right after somebody began to wait, without hints: many runs are over soon. */
const FIRST_POLL_MS = 10;

interface Watcher {
  readonly runId: string;
  see(standing: Standing | undefined): void;
}

export class RunWatch {
  readonly #store: Store;
  readonly #trouble: Trouble;
  readonly #membership: Membership;
  readonly #watchers = new Set<Watcher>();
  /** When the last one began to wait. */
  #newestAt = 0;
  readonly #looks: RepeatedLook = new RepeatedLook(() => this.#look());
  #unlisten: () => void = () => {};

  constructor(store: Store, logger: Logger, membership: Membership) {
    this.#store = store;
    this.#trouble = new Trouble(logger, "Could not look how runs stand");
    this.#membership = membership;
  }

  /** Resolves to the first standing that will do. Rejects when the signal is aborted, or the run is gone. */
  until(
    runId: string,
    will: (standing: Standing) => boolean,
    signal?: AbortSignal,
  ): Promise<Standing> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Standing>();
    const see = (standing: Standing | undefined) => {
      if (standing === undefined) reject(runNotFound(runId));
      else if (will(standing)) resolve(standing);
    };
    const watcher = { runId, see };
    const abort = () => reject(signal?.reason);
    signal?.addEventListener("abort", abort);
    this.#add(watcher);
    return promise.finally(() => {
      signal?.removeEventListener("abort", abort);
      this.#remove(watcher);
    });
  }

  #add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    this.#newestAt = performance.now();
    if (this.#watchers.size === 1) {
      // Runs of a worker that was buried are ready, and have not moved.
      this.#unlisten = this.#store.listen(({ moved, ready }) => {
        const isMeant = moved?.some((id) => [...this.#watchers].some(({ runId }) => runId === id));
        if (isMeant || ready !== undefined) void this.#looks.now();
      });
      this.#looks.start(0);
    } else void this.#looks.now();
  }

  #remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    void this.#looks.stop();
    this.#unlisten();
  }

  async #look(): Promise<number> {
    const watchers = [...this.#watchers];
    try {
      const runIds = [...new Set(watchers.map(({ runId }) => runId))];
      const standings = await this.#store.standings(runIds);
      const byId = new Map(standings.map((standing) => [standing.runId, standing]));
      for (const { runId, see } of watchers) see(byId.get(runId));
      this.#trouble.isOver();
    } catch (error) {
      this.#trouble.happened(error);
    }
    // Those that have seen enough leave first.
    await new Promise((resolve) => setImmediate(resolve));
    return this.#nextLookMs();
  }

  #nextLookMs(): number {
    if (this.#membership.hearsHints) return POLL_BESIDE_HINTS_MS;
    const waitedMs = performance.now() - this.#newestAt;
    return Math.min(Math.max(waitedMs / 2, FIRST_POLL_MS), POLL_MS);
  }
}
