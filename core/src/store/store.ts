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

  /** Takes hold of a run: raises its epoch, so that every earlier writer is refused from now on. */
  takeOver(runId: string): Promise<JournalWriter>;

  /** The journal in order, from the entry after `after` on, as it stands while it is read. */
  journal(runId: string, options?: { readonly after?: number }): AsyncIterable<Entry>;
  /** The texts of a list of this space, in order. */
  list(spaceId: string, list: ListId): Promise<readonly string[]>;
  /** What a slot of a space holds. */
  session(spaceId: string, slot: string): Promise<StoredSession | undefined>;

  /** Says something to a run without owning it. Of several with one key the first wins. */
  say(
    runId: string,
    message: NewControl,
  ): Promise<{ readonly won: boolean; readonly control: Control }>;
  /** What was said to a run, from the number after `after` on. */
  said(runId: string, options?: { readonly after?: number }): Promise<readonly Control[]>;

  /** Removes one run from a living space, and what only it had said. Returns whether it was there. */
  pruneRun(runId: string): Promise<boolean>;
  /** Removes a space with all its runs. What arrives late is removed by `sweepDeleted`. */
  deleteSpace(spaceId: string): Promise<boolean>;
  /** Finishes deletions older than the grace period. Returns how many spaces are gone for good. */
  sweepDeleted(options?: { readonly graceMs?: number }): Promise<number>;

  /** Waits for what is queued, then lets go of the database. */
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
}

export interface Run {
  readonly runId: string;
  readonly spaceId: string;
  readonly parentId: string | undefined;
  readonly namespace: string;
  readonly app: string;
  readonly status: string;
  readonly epoch: number;
  readonly createdAt: Date;
}

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
  /** Resolves when the process has room for more unwritten bytes. */
  room(): Promise<void>;
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
  readonly value?: string;
  readonly author?: string;
}

export interface Control {
  /** Gapless from 1, in commit order: a cursor. */
  readonly seq: number;
  readonly key: string;
  readonly kind: string;
  readonly value: string | undefined;
  readonly author: string | undefined;
  readonly at: Date;
}
