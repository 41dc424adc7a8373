/** Where the sessions of one service are kept, for one execution of a run. */
import type { CompositeSessionKey, Event } from "@google/adk";
import type { SessionContent } from "./memory-sessions.ts";
import type { SharedState } from "./shared-state.ts";

export interface Recorded {
  /** What earlier executions of this run have added: it comes again. */
  readonly recorded: readonly Event[];
  /** What sessions of the app and the user share, as this run has found it; none if the state has it. */
  readonly shared?: SharedState;
}

export interface LoadedSession extends SessionContent, Recorded {}

export interface SessionKeeper {
  /** As it was before this run, whatever this run has added since. Called once for each session. */
  load(key: CompositeSessionKey): Promise<LoadedSession | undefined>;
  /** A session that was not there. */
  create(key: CompositeSessionKey, state: SessionContent["state"]): Promise<Recorded>;
  /** An event that was added, and the session's own state after it. Resolves when the program may go on. */
  append(key: CompositeSessionKey, event: Event, state: SessionContent["state"]): Promise<void>;
  remove(key: CompositeSessionKey): Promise<void>;
}
