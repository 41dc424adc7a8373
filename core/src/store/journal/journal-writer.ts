/** What the owner of a run writes: its journal, and its state and waits in order with that. */
import type { HoldfastError } from "../../errors/index.ts";
import type { SessionState } from "../content/session.ts";
import type { RunStatus } from "../runs/run.ts";
import type { NewWait } from "../waits/wait.ts";
import type { NewEntry } from "./entry.ts";

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

export interface Appended {
  /** The entry's number in the journal, gapless from 1. */
  readonly seq: number;
  /** Resolves when the entry is durable. A rejection that nobody awaits is not an unhandled one. */
  readonly durable: Promise<void>;
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
