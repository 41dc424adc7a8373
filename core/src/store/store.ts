/**
 * What the rest of Holdfast asks of its storage; interface and meaning only. Texts handed in are
 * encoded values (see the codec): the store seals, hashes, shares and orders them, and never looks
 * inside. Implementations pass the tests in `test/store/`.
 */
import type { HoldfastError } from "../errors/index.ts";

export interface Store {
  /** Which database this is, for people: never with its password. */
  readonly description: string;

  /**
   * Creates a run and, if it is new, its space: one atomic step. A run of this id that exists
   * already is returned as it is, with `created: false`.
   */
  createRun(run: NewRun): Promise<{ readonly run: Run; readonly created: boolean }>;
  run(runId: string): Promise<Run | undefined>;

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
  /** Makes ready what waits for other code or other options. Returns how many runs that were. */
  unblock(served: Served): Promise<number>;

  /** The newest runs first, from the one after `before` on. */
  runs(filter: RunFilter): Promise<readonly Run[]>;
  /** Announces an app, in place of what was announced under its name. */
  deploy(app: DeployedApp): Promise<void>;
  apps(namespace: string): Promise<readonly DeployedApp[]>;
  /** How runs stand, many in one look. Of one that is not there, nothing. */
  standings(runIds: readonly string[]): Promise<readonly Standing[]>;
  /**
   * Tells of hints: that something may have happened, seldom late, perhaps never. Only while a worker of
   * this process is entered.
   */
  listen(hear: (hint: Hint) => void): () => void;

  /** The journal in order, from the entry after `after` on, as it stands while it is read. */
  journal(runId: string, options?: { readonly after?: number }): AsyncIterable<Entry>;
  /** The texts of a list of this space, in order. */
  list(spaceId: string, list: ListId): Promise<readonly string[]>;
  /** Names texts as the writers of this space do: `JournalWriter.fingerprint`. */
  fingerprints(spaceId: string): Promise<(text: string) => string>;
  /** What a slot of a space holds. */
  session(spaceId: string, slot: string): Promise<StoredSession | undefined>;

  /** The open waits for the end of a run that is over: of all runs, or of this one. */
  waitsForEnd(of?: string): Promise<readonly WaitForEnd[]>;
  /** The open waits of a run, in the order of their numbers. */
  waits(runId: string): Promise<readonly Wait[]>;

  /** Says something to a run without owning it. Of several with one key the first wins. */
  say(runId: string, message: NewControl): Promise<Said>;
  /** What was said to a run, from the number after `after` on. */
  said(runId: string, options?: { readonly after?: number }): Promise<readonly Control[]>;
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

export interface NewRun {
  readonly runId: string;
  /** The thread or session the run belongs to; left out, the run has a space of its own. */
  readonly spaceId?: string;
  readonly spaceKey?: string;
  readonly parentId?: string;
  readonly namespace: string;
  readonly app: string;
  /** Where it waits for a worker. Default: `"default"`. */
  readonly queue?: string;
  /** The first entries of the journal, of epoch 0: there if and only if the run was made by this call. */
  readonly opening?: readonly Opening[];
  /**
   * Whether workers are to claim it by themselves. Otherwise only when whoever made it has had a while
   * to do so. Default: true.
   */
  readonly ready?: boolean;
}

export type Opening = Pick<NewEntry, "entry" | "value">;

/** The last three are for good: such a run cannot be claimed. */
export type RunStatus = "queued" | "running" | "waiting" | "completed" | "failed" | "cancelled";

export interface Run {
  readonly runId: string;
  readonly spaceId: string;
  readonly parentId: string | undefined;
  readonly namespace: string;
  readonly app: string;
  readonly status: RunStatus;
  /** What its owner gave as the reason of its status. A new owner clears it. */
  readonly why: string | undefined;
  readonly epoch: number;
  /** The worker that holds it: perhaps one that is dead. */
  readonly workerId: string | undefined;
  readonly queue: string;
  /** When workers may claim it, by the database's clock; nothing if they may not. */
  readonly readyInMs: number | undefined;
  /** What is wrong with it, as its owner put it: see `RunState.blocked`. */
  readonly blocked: string | undefined;
  readonly createdAt: Date;
}

export interface NewWorker {
  /** A uuid. */
  readonly id: string;
  /** How long it lives after it last told so. */
  readonly leaseMs: number;
  readonly host: string;
  readonly pid: number;
  /** Tells the process from every other, on whatever host; nothing where that cannot be known. */
  readonly process?: string;
}

export interface WorkerState extends Omit<NewWorker, "leaseMs"> {
  readonly expiresInMs: number;
  /** What it said last about what it serves. */
  readonly serves: string | undefined;
}

export interface WorkerListener {
  /** It was taken for dead: whatever it held is somebody else's, or soon will be. */
  buried(): void;
  /** Something about how it is heard or hears, for the log. */
  noticed(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A worker as long as it is one. */
export interface Presence {
  /** Whether hints can be relied on, but for moments. Otherwise there are none. */
  readonly hearsHints: boolean;
  /** Says what it serves, for people and for whoever wonders why a run waits. */
  tell(serves: string): Promise<void>;
  /** It is a worker no more: what it holds can be claimed at once. Its writers go on until it is. */
  leave(): Promise<void>;
}

/** A worker about whom something speaks for its death: proof, or only a sign. */
export interface Suspect {
  readonly workerId: string;
  /** How often it had told that it lives. */
  readonly beats: number;
  /**
   * `expired`: its lease is over. `gone`: its process is. `silent`: its session is gone, which is only
   * a sign; it is proof when it is so again a while later, with no beat between.
   */
  readonly why: "expired" | "gone" | "silent";
}

/** Which runs: of these apps, in these queues. */
export interface Served {
  readonly namespace: string;
  readonly apps: readonly string[];
  readonly queues: readonly string[];
}

export interface ReadyOrder extends Served {
  readonly workerId: string;
  readonly limit: number;
}

export interface ReadyRuns {
  readonly claimed: readonly { readonly run: Run; readonly writer: JournalWriter }[];
  /**
   * When the next one will be ready that nobody needs to say anything to: 0 also if there were as many
   * as were asked for. Nothing if none will.
   */
  readonly nextInMs: number | undefined;
}

export interface RunFilter {
  readonly namespace: string;
  readonly app?: string;
  readonly status?: RunStatus;
  readonly limit: number;
  readonly before?: Pick<Run, "runId" | "createdAt">;
}

export interface DeployedApp {
  readonly namespace: string;
  readonly name: string;
  readonly framework: string;
  readonly version: string;
  /** Its nodes and edges, as JSON. */
  readonly structure?: string;
}

/** As little of a run as it takes to see that it has moved. */
export interface Standing {
  readonly runId: string;
  readonly status: RunStatus;
  readonly epoch: number;
  /** Whether a worker that lives holds it. */
  readonly isHeld: boolean;
}

/** Runs are ready in these apps; something was said to these runs; these runs have a new state. */
export interface Hint {
  readonly ready?: readonly string[];
  readonly said?: readonly string[];
  readonly moved?: readonly string[];
}

export type Claim =
  | { readonly is: "mine"; readonly writer: JournalWriter }
  /** Another worker holds it, and lives for so long at least. */
  | { readonly is: "held"; readonly workerId: string; readonly expiresInMs: number }
  | { readonly is: "over"; readonly status: RunStatus };

/** Writes the journal of one run, until another takes it over. */
export interface JournalWriter {
  readonly runId: string;
  readonly spaceId: string;
  readonly epoch: number;
  /** The number of the newest entry, durable or on its way. */
  readonly lastSeq: number;
  /** Why nothing more will be taken: `RUN_TAKEN_OVER`, `STORE_UNAVAILABLE`, … */
  readonly lost: HoldfastError | undefined;
  append(entry: NewEntry): Appended;
  /** Sets a slot of the run's space, in order with the entries. */
  putSession(slot: string, state: SessionState): Promise<void>;
  /**
   * Sets the state of the run, in order with the entries. A status that is for good closes all open
   * waits of the run.
   */
  putState(state: RunState): Promise<void>;
  /** Opens a wait, in order with the entries. One of this number that is there stays as it is. */
  openWait(wait: NewWait): Promise<void>;
  /** Closes a wait for good, in order with the entries; without effect if it is not open. */
  closeWait(seq: number): Promise<void>;
  /** Resolves when the process has room for more unwritten bytes. */
  room(): Promise<void>;
  /**
   * Names a text without telling it: equal for equal texts of one space, and an HMAC under a payload
   * cipher. For `hash` of an entry and `fingerprint` of a wait, which are stored as they are.
   */
  fingerprint(text: string): string;
}

export interface RunState {
  readonly status: RunStatus;
  /** Why it has this status, for people. Default: no reason. */
  readonly why?: string;
  /**
   * Whether the worker lets go of the run, so that any may claim it; one that is over is let go of in any
   * case. Default: false. The run then stays as ready as it was: not at all while a worker holds it.
   */
  readonly release?: boolean;
  /**
   * Of a queued run that is let go of: how long nobody is to claim it by itself. Default: not at all.
   */
  readonly readyInMs?: number;
  /**
   * Of a waiting run that is let go of: what its owner has heard. What was said since makes it ready at
   * once, as what is said later and waits that fall due do, unless something was said under
   * `wait/<number>` of it. Default: everything.
   */
  readonly heardUpTo?: number;
  /**
   * Of a waiting run: the reason, in a word, if it is not for waits that it waits. Nothing that falls due
   * makes it ready then. Default: none.
   */
  readonly blocked?: string;
}

/** A question that someone or some time is to answer. */
export interface NewWait {
  /** The number of the entry that asks. */
  readonly seq: number;
  readonly kind: string;
  readonly name: string;
  /** Of what is asked: an answer can be bound to it. */
  readonly fingerprint: string;
  /** What is asked, an encoded value. */
  readonly body?: string;
  /** When it falls due, from now on by the database's clock. Default: never. */
  readonly dueInMs?: number;
}

export interface Wait {
  readonly seq: number;
  readonly kind: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly body: string | undefined;
  readonly openedAt: Date;
  /** By the database's clock; negative once it is due. */
  readonly dueInMs: number | undefined;
}

/** A wait of kind `child`, which has the awaited run's id for a name. */
export interface WaitForEnd {
  readonly runId: string;
  readonly seq: number;
  readonly of: string;
}

export interface Appended {
  /** The entry's number in the journal, gapless from 1. */
  readonly seq: number;
  /** Resolves when the entry is durable. A rejection that nobody awaits is not an unhandled one. */
  readonly durable: Promise<void>;
}

export interface NewEntry {
  /** What happened: `started`, `finished`, `failed`, … The store gives it no meaning. */
  readonly entry: string;
  /** The `started` entry this one is about. */
  readonly step?: number;
  readonly kind?: string;
  readonly name?: string;
  readonly scope?: string;
  /** The framework's own id of the call, and the hash of its normalised input: what it is known by. */
  readonly callId?: string;
  readonly hash?: string;
  /** Whether another step of the same scope, kind and name was under way. Default: false. */
  readonly overlapped?: boolean;
  /** Everything the step is given, as texts in order: stored as a difference to what is there. */
  readonly input?: readonly string[];
  readonly value?: Value;
}

/** An encoded value. `shared` says that the same text will be said again: it is stored once. */
export interface Value {
  readonly text: string;
  readonly shared?: boolean;
}

export interface Entry {
  readonly seq: number;
  readonly epoch: number;
  readonly entry: string;
  readonly step: number | undefined;
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly scope: string | undefined;
  readonly callId: string | undefined;
  readonly hash: string | undefined;
  readonly overlapped: boolean;
  readonly input: ListId | undefined;
  readonly value: string | undefined;
  readonly at: Date;
}

/** Names a stored list by its content: equal lists of a space have equal ids. */
export type ListId = string;

export interface SessionState {
  readonly items?: readonly string[];
  readonly value?: Value;
}

export interface StoredSession {
  readonly items: readonly string[] | undefined;
  readonly value: string | undefined;
  /** The run that wrote it. */
  readonly runId: string;
  readonly at: Date;
}

export interface NewControl {
  /** Names what is said: a decision on a wait, a signal with its idempotency key. */
  readonly key: string;
  readonly kind: string;
  /** Whom or what it is for: the name of a signal. */
  readonly name?: string;
  readonly value?: string;
  readonly author?: string;
  /** Says it only if this holds, decided in the same step. Default: it is said in any case. */
  readonly on?: OpenWait;
}

/** A wait that is there and not closed. */
export interface OpenWait {
  /** Its number. */
  readonly wait: number;
  /** Whether it must not be due yet, or must be, by the database's clock. */
  readonly while: "open" | "due";
  /** What it must be about. Default: whatever it is about. */
  readonly fingerprint?: string;
}

/**
 * Whether this message stands under its key, and what does: nothing if nobody has said anything
 * there and the wait this was said on is not as it must be.
 */
export type Said =
  | { readonly won: true; readonly control: Control }
  | { readonly won: false; readonly control: Control | undefined };

export interface Control {
  /** Gapless from 1, in commit order: a cursor. */
  readonly seq: number;
  readonly key: string;
  readonly kind: string;
  readonly name: string | undefined;
  readonly value: string | undefined;
  readonly author: string | undefined;
  readonly at: Date;
}

export interface ControlCursor {
  readonly runId: string;
  readonly after: number;
}

export interface Heard {
  readonly runId: string;
  readonly control: Control;
}
