/**
 * Looks for workers that are dead, and buries them. Invariant: that a worker's session is gone counts
 * only when it is so on two looks at least 250 ms apart, with no sign of life between; the store judges
 * again before anything happens. Each worker looks the more seldom the more there are, so that all of
 * them together look about twenty times a second.
 */
import type { Logger } from "../logger.ts";
import type { Store, Suspect } from "../store/index.ts";
import type { Membership } from "./membership.ts";
import { RepeatedLook } from "./repeated-look.ts";
import { Trouble } from "./trouble.ts";

const SHARE_MS = 50;
const MOST_OFTEN_MS = 200;
const LEAST_OFTEN_MS = 5_000;
const LOOK_AGAIN_MS = 250;
/** How often the others are counted, in looks. */
const COUNT_EVERY = 20;

export interface LookoutParts {
  readonly store: Store;
  readonly logger: Logger;
  readonly membership: Membership;
}

export class Lookout {
  readonly #parts: LookoutParts;
  readonly #trouble: Trouble;
  /** Of those that were silent at the last look: since when, and how often they had told by then. */
  #silent = new Map<string, { readonly beats: number; readonly since: number }>();
  readonly #repeated: RepeatedLook = new RepeatedLook(() => this.#look());
  #needs = 0;
  #looks = 0;
  #workers = 1;

  constructor(parts: LookoutParts) {
    this.#parts = parts;
    this.#trouble = new Trouble(parts.logger, "Could not look for dead workers");
  }

  /** Looks, until the function it returns is called by everybody who needs it. */
  needed(): () => void {
    this.#needs += 1;
    if (this.#needs === 1) this.#repeated.start(0);
    let isNeeded = true;
    return () => {
      if (isNeeded) this.#needs -= 1;
      isNeeded = false;
      if (this.#needs === 0) void this.#repeated.stop();
    };
  }

  async #look(): Promise<number> {
    const { store, membership } = this.#parts;
    try {
      const { worker } = await membership.current();
      if (this.#looks % COUNT_EVERY === 0) this.#workers = (await store.workers()).length;
      this.#looks += 1;
      const asked = performance.now();
      const suspects = await store.suspects(worker);
      await this.#judge(suspects, asked);
      this.#trouble.isOver();
    } catch (error) {
      this.#silent = new Map();
      this.#trouble.happened(error);
    }
    return this.#nextLookMs();
  }

  async #judge(suspects: readonly Suspect[], asked: number): Promise<void> {
    const answered = performance.now();
    const silent = new Map<string, { readonly beats: number; readonly since: number }>();
    for (const suspect of suspects) {
      const { workerId, beats, why } = suspect;
      if (why !== "silent") {
        await this.#bury(suspect);
        continue;
      }
      const before = this.#silent.get(workerId);
      if (before === undefined || before.beats !== beats)
        silent.set(workerId, { beats, since: answered });
      else if (asked - before.since >= LOOK_AGAIN_MS) await this.#bury(suspect);
      else silent.set(workerId, before);
    }
    this.#silent = silent;
  }

  async #bury(suspect: Suspect): Promise<void> {
    const { store, logger } = this.#parts;
    if (!(await store.bury(suspect))) return;
    const { workerId, why } = suspect;
    logger.info(`Worker ${workerId} is dead (${why}); its runs are taken up.`, { workerId, why });
  }

  #nextLookMs(): number {
    const share = Math.min(Math.max(this.#workers * SHARE_MS, MOST_OFTEN_MS), LEAST_OFTEN_MS);
    const next = share * (0.8 + 0.4 * Math.random());
    if (this.#silent.size === 0) return next;
    // As soon as it counts: runs may wait for it.
    const since = Math.min(...[...this.#silent.values()].map((one) => one.since));
    return Math.min(next, Math.max(since + LOOK_AGAIN_MS + 1 - performance.now(), 1));
  }
}
