/**
 * Takes up runs of the apps it serves, as many at once as it has room for. Invariants: it claims only
 * what it has room for; a run that is ready is claimed at the latest one poll later, at once when a
 * hint arrives; and once it is draining it claims nothing more.
 */
import { HoldfastError } from "../errors/index.ts";
import { answerWaitsForEnd } from "../runtime/child-result.ts";
import type { Opened } from "../runtime/opened.ts";
import type { JournalWriter, Run } from "../store/index.ts";
import { workOnClaimed } from "./claimed-run.ts";
import { ForgottenRuns } from "./forgotten-runs.ts";
import type { Member } from "./membership.ts";
import { RepeatedLook } from "./repeated-look.ts";
import type { LoadedApp } from "./served-apps.ts";
import { Trouble } from "./trouble.ts";

export interface QueueLimit {
  readonly name: string;
  /** How many runs of this queue at once. Default: as many as there is room for. */
  readonly concurrency?: number;
}

export interface ServingParts {
  readonly opened: Opened;
  readonly apps: ReadonlyMap<string, LoadedApp>;
  /** How many runs at once. */
  readonly concurrency: number;
  readonly queues: readonly QueueLimit[];
  /** Aborted when it lets go of everything at once, */
  readonly signal: AbortSignal;
  /** and when it does so after what is under way. */
  readonly drain: AbortSignal;
}

interface Queue {
  readonly name: string;
  readonly limit: number;
  /** The runs that are worked on. */
  readonly works: Set<Promise<void>>;
  /** Aborted, and made anew, when there is no room left. */
  wanted: AbortController;
}

/** How long a run that is ready may go unnoticed: with hints, only if one got lost. */
const POLL_MS = 250;
const POLL_BESIDE_HINTS_MS = 5_000;
/** How soon rows are looked at again that somebody else was just about to take. */
const SOON_MS = 20;
/** How often it is looked for what should not be there. */
const SWEEP_MS = 10_000;
/** For how long runs are left to others who can do what this worker cannot. */
const LEFT_MS = 1_000;
const FIRST_BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 5 * 60_000;

export class Serving {
  readonly #parts: ServingParts;
  readonly #trouble: Trouble;
  readonly #forgotten: ForgottenRuns;
  readonly #queues: readonly Queue[];
  /** By run, how often in a row it could not be worked on. */
  readonly #failures = new Map<string, number>();
  /** By app, until when its runs are left to others. */
  readonly #leftUntil = new Map<string, number>();
  readonly #claims: RepeatedLook = new RepeatedLook(() => this.#claim());
  #member: Member | undefined;

  constructor(parts: ServingParts) {
    this.#parts = parts;
    this.#queues = parts.queues.map(({ name, concurrency: limit = Number.POSITIVE_INFINITY }) => ({
      name,
      limit,
      works: new Set(),
      wanted: new AbortController(),
    }));
    this.#forgotten = new ForgottenRuns(parts.opened);
    this.#trouble = new Trouble(parts.opened.logger, "Could not look for runs");
  }

  /** How many runs it works on. */
  get busy(): number {
    let busy = 0;
    for (const { works } of this.#queues) busy += works.size;
    return busy;
  }

  /** Serves until it is drained; resolves when nothing is under way any more. */
  async run(): Promise<void> {
    const { opened, apps, drain, signal } = this.#parts;
    const { store, lookout } = opened;
    const unneed = lookout.needed();
    const unlisten = store.listen(({ ready }) => {
      if (ready?.some((app) => apps.has(app))) void this.#claims.now();
    });
    this.#claims.start(0);
    // At once: whoever died just now, and whose place this one may take, has left some.
    void this.#sweep();
    const sweeping = setInterval(() => void this.#sweep(), SWEEP_MS).unref();
    await Promise.race([aborted(drain), aborted(signal)]);
    clearInterval(sweeping);
    unlisten();
    unneed();
    await Promise.race([this.#claims.stop(), aborted(signal)]);
    await Promise.all(this.#queues.flatMap(({ works }) => [...works]));
  }

  /**
   * Runs that wait for another's end are answered by whoever ended it, unless that died just then; and a
   * run that this worker holds is worked on, unless the answer got lost by which it would know.
   */
  async #sweep(): Promise<void> {
    const { store, membership } = this.#parts.opened;
    try {
      await answerWaitsForEnd(store);
      await this.#forgotten.look(await membership.current());
    } catch (error) {
      if (!this.#isOver) this.#trouble.happened(error);
    }
  }

  get #isOver(): boolean {
    const { drain, signal } = this.#parts;
    return drain.aborted || signal.aborted;
  }

  /** When to look again, if nobody says anything. */
  async #claim(): Promise<number> {
    const { membership } = this.#parts.opened;
    try {
      const nextInMs = await membership.act((member) => {
        this.#watch(member);
        return this.#claimAs(member);
      });
      this.#trouble.isOver();
      return Math.min(nextInMs, membership.hearsHints ? POLL_BESIDE_HINTS_MS : POLL_MS);
    } catch (error) {
      if (!this.#isOver) this.#trouble.happened(error);
      return POLL_MS;
    }
  }

  async #claimAs(member: Member): Promise<number> {
    const { store, namespace } = this.#parts.opened;
    const { apps, againInMs } = this.#appsToClaim();
    let nextInMs = againInMs;
    for (const queue of this.#queues) {
      const { name } = queue;
      const room = this.#roomOf(queue);
      // When something ends there is another look.
      if (room <= 0 || apps.length === 0 || this.#isOver) continue;
      const served = { namespace, apps, queues: [name] };
      const order = { ...served, workerId: member.worker.id, limit: room };
      const { claimed, nextInMs: next = Number.POSITIVE_INFINITY } = await store.claimReady(order);
      for (const { run, writer } of claimed) this.#work(queue, member, run, writer);
      if (claimed.length < room) nextInMs = Math.min(nextInMs, Math.max(next, SOON_MS));
    }
    for (const queue of this.#queues) if (this.#roomOf(queue) <= 0) makeRoom(queue);
    return nextInMs;
  }

  #roomOf({ limit, works }: Queue): number {
    return Math.min(limit - works.size, this.#parts.concurrency - this.busy);
  }

  /** Those that are not left to others, and when that ends for the next one. */
  #appsToClaim(): { readonly apps: readonly string[]; readonly againInMs: number } {
    const now = performance.now();
    for (const [app, until] of this.#leftUntil) if (until <= now) this.#leftUntil.delete(app);
    const apps = [...this.#parts.apps.keys()].filter((app) => !this.#leftUntil.has(app));
    return { apps, againInMs: Math.min(...this.#leftUntil.values()) - now };
  }

  #leave(app: string): void {
    this.#leftUntil.set(app, performance.now() + LEFT_MS);
  }

  /** What is lost with a worker is to be found again, by the one that comes after it. */
  #watch(member: Member): void {
    if (this.#member === member) return;
    this.#member = member;
    member.lost.addEventListener("abort", () => void this.#claims.now(), { once: true });
  }

  #work({ works, wanted }: Queue, member: Member, run: Run, writer: JournalWriter): void {
    const work = this.#workOn(member, run, writer, wanted.signal).finally(() => {
      works.delete(work);
      void this.#claims.now();
    });
    works.add(work);
  }

  async #workOn(
    member: Member,
    run: Run,
    writer: JournalWriter,
    wanted: AbortSignal,
  ): Promise<void> {
    const { opened, apps, signal, drain } = this.#parts;
    const { runId, app } = run;
    const served = apps.get(app)!;
    const backOffMs = () => this.#backOffMs(runId);
    const claimed = { opened, served, member, run, writer, signal, drain, wanted, backOffMs };
    try {
      const working = opened.underWay.ifFree(runId, () => workOnClaimed(claimed));
      if (working === undefined) return await giveBack(writer);
      const worked = await working;
      if (worked === "done") this.#failures.delete(runId);
      if (worked === "left to others") this.#leave(app);
    } catch (error) {
      opened.logger.error(`Run ${runId} could not be let go of.`, { runId, error });
    }
  }

  #backOffMs(runId: string): number {
    const failures = this.#failures.get(runId) ?? 0;
    this.#failures.set(runId, failures + 1);
    return Math.min(FIRST_BACK_OFF_MS * 2 ** failures, LONGEST_BACK_OFF_MS);
  }
}

/** To whoever in this runtime is about to claim it, unless they have by now. */
async function giveBack(writer: JournalWriter): Promise<void> {
  try {
    await writer.putState({ status: "queued", release: true });
  } catch (error) {
    if (!HoldfastError.is(error, "RUN_TAKEN_OVER")) throw error;
  }
}

/** Those that only wait take room that others may need. */
function makeRoom(queue: Queue): void {
  queue.wanted.abort();
  queue.wanted = new AbortController();
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}
