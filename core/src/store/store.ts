/**
 * What the rest of Holdfast asks of its storage; interface and meaning only. Texts handed in are
 * encoded values (see the codec): the store seals, hashes, shares and orders them, and never looks
 * inside. Implementations pass the tests in `test/store/`.
 */
import type { DeployedApp } from "./apps/deployed-app.ts";
import type { StoredSession } from "./content/session.ts";
import type { ListId } from "./content/value.ts";
import type { Control, ControlCursor, Heard, NewControl, Said } from "./control/control.ts";
import type { Hint } from "./hints/hint.ts";
import type { Entry } from "./journal/entry.ts";
import type { JournalWriter } from "./journal/journal-writer.ts";
import type { Amending, Claim, ReadyOrder, ReadyRuns, Served } from "./runs/claim.ts";
import type { MadeRun, NewRun, Run, RunFilter, Standing } from "./runs/run.ts";
import type { Wait, WaitForEnd } from "./waits/wait.ts";
import type {
  NewWorker,
  Presence,
  Suspect,
  WorkerListener,
  WorkerState,
} from "./workers/worker.ts";

export interface ReadOptions {
  /** The number of the last that is not wanted. Default: all are. */
  readonly after?: number;
  /** The run's space, from who knows it. Default: it is looked for. */
  readonly spaceId?: string;
}

export interface Store {
  /** Which database this is, for people: never with its password. */
  readonly description: string;

  /**
   * Creates a run and, if it is new, its space: one atomic step. A run of this id or name that exists
   * already is returned as it is. One that is to be alone ends what writers of the run before it write.
   */
  createRun(run: NewRun): Promise<MadeRun>;
  /** By its id, or by that of its name. */
  run(runId: string): Promise<Run | undefined>;
  /** The newest run of a space. */
  newestRun(spaceId: string): Promise<Run | undefined>;

  /**
   * Makes a worker known, and keeps it alive until it leaves: tells the database again and again that it
   * lives, hears of what happens elsewhere, and lets others notice its death.
   */
  enter(worker: NewWorker, told: WorkerListener): Promise<Presence>;
  /** The workers that are known, the dead among them that nobody has found yet. */
  workers(): Promise<readonly WorkerState[]>;
  /** Those of whom something speaks for their death, as a process on this host sees it. */
  suspects(onHostOf: NewWorker): Promise<readonly Suspect[]>;
  /**
   * Ends a worker if it is as dead as it looked: what it held is ready to be claimed at once. False
   * if it has given a sign of life since, or somebody was faster.
   */
  bury(suspect: Suspect): Promise<boolean>;

  /**
   * Takes hold of a run for a worker, unless it is over or another worker that lives holds it: one
   * atomic step, so of several at once one gets it. Raises the epoch, as `takeOver` does. For a worker
   * that is not known (any more) it rejects with `WORKER_LOST`.
   */
  claim(runId: string, workerId: string): Promise<Claim>;
  /** Takes hold of runs that are ready, those that waited longest first. */
  claimReady(order: ReadyOrder): Promise<ReadyRuns>;
  /**
   * Takes hold of a run whoever holds it, also of one that is over: raises its epoch, so that every
   * earlier writer is refused from now on. It is then held by no worker, and queued, for others to
   * claim in a while unless its state is set. With an epoch: only if the run is still at that one;
   * otherwise `RUN_TAKEN_OVER`.
   */
  takeOver(runId: string, options?: { readonly epoch?: number }): Promise<JournalWriter>;
  /**
   * Takes hold of what a space keeps, for somebody who executes none of its runs: in the name of its run
   * that is not over, else of its newest. That run stays as it is, but its earlier writers are refused from
   * now on; and so is this one, as soon as somebody claims that run, or the space gets another. Not while
   * a worker that lives holds it. Throws SPACE_DELETED if there is no run.
   */
  amend(spaceId: string): Promise<Amending>;
  /** Makes ready what waits for other code or other options. Returns how many runs that were. */
  unblock(served: Served): Promise<number>;

  /** The newest runs first, from the one after `before` on. */
  runs(filter: RunFilter): Promise<readonly Run[]>;
  /** Announces an app, in place of what was announced under its name. */
  deploy(app: DeployedApp): Promise<void>;
  apps(namespace: string): Promise<readonly DeployedApp[]>;
  /** How runs stand, many in one look. Of one that is not there, nothing. */
  standings(runIds: readonly string[]): Promise<readonly Standing[]>;
  /** The runs that a worker holds. */
  heldBy(workerId: string): Promise<readonly Standing[]>;
  /**
   * Tells of hints: that something may have happened, seldom late, perhaps never. Only while a worker of
   * this process is entered.
   */
  listen(hear: (hint: Hint) => void): () => void;

  /** The journal in order, from the entry after `after` on, as it stands while it is read. */
  journal(runId: string, options?: ReadOptions): AsyncIterable<Entry>;
  /** The newest entry of a journal that is one of these. */
  newestEntry(runId: string, of: readonly string[]): Promise<Entry | undefined>;
  /** The texts of a list of this space, in order. */
  list(spaceId: string, list: ListId): Promise<readonly string[]>;
  /** Names texts as the writers of this space do: `JournalWriter.fingerprint`. */
  fingerprints(spaceId: string): Promise<(text: string) => string>;
  /** What a slot of a space holds. */
  session(spaceId: string, slot: string): Promise<StoredSession | undefined>;

  /** The open waits for the end of a run that is over: of all runs, or of this one. */
  waitsForEnd(of?: string): Promise<readonly WaitForEnd[]>;
  /** The open waits of a run, in the order of their numbers. */
  waits(runId: string, options?: Pick<ReadOptions, "spaceId">): Promise<readonly Wait[]>;

  /** Says something to a run without owning it. Of several with one key the first wins. */
  say(runId: string, message: NewControl): Promise<Said>;
  /** What was said to a run, from the number after `after` on. */
  said(runId: string, options?: ReadOptions): Promise<readonly Control[]>;
  /**
   * What was said to many runs, in one look: of each, from the number after `after` on, together
   * and in order. Of a run that is not there, nothing.
   */
  heard(cursors: readonly ControlCursor[]): Promise<readonly Heard[]>;

  /** Removes one run from a living space, and what only it had said. Returns whether it was there. */
  pruneRun(runId: string): Promise<boolean>;
  /** Removes a space with all its runs. What arrives late is removed by `sweepDeleted`. */
  deleteSpace(spaceId: string): Promise<boolean>;
  /** Finishes deletions older than the grace period. Returns how many spaces are gone for good. */
  sweepDeleted(options?: { readonly graceMs?: number }): Promise<number>;

  /** Waits for what is queued; then its workers leave, and it lets go of the database. */
  close(): Promise<void>;
}
