/** Where the sessions of one service are kept, for one execution of a run. */
import type { CompositeSessionKey, Event } from "@google/adk";
import type { SessionContent } from "./memory-sessions.ts";

export interface LoadedSession extends SessionContent {
  /** What earlier executions of this run have added: it comes again. */
  readonly recorded: readonly Event[];
}

export interface SessionKeeper {
  /** As it was before this run, whatever this run has added since. Called once for each session. */
  load(key: CompositeSessionKey): Promise<LoadedSession | undefined>;
  /** A session that was not there. Returns what earlier executions of this run have added: it comes again. */
  create(key: CompositeSessionKey, state: SessionContent["state"]): Promise<readonly Event[]>;
  /** An event that was added, and the state after it. Resolves when the program may go on. */
  append(key: CompositeSessionKey, event: Event, state: SessionContent["state"]): Promise<void>;
  remove(key: CompositeSessionKey): Promise<void>;
}
