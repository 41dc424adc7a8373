import type { Value } from "./value.ts";

export interface SessionState {
  readonly items?: readonly string[];
  readonly value?: Value;
  /** How long it may wait for what is written behind it, to share its commit. Default: not at all. */
  readonly patienceMs?: number;
}

export interface StoredSession {
  readonly items: readonly string[] | undefined;
  readonly value: string | undefined;
  /** The run that wrote it. */
  readonly runId: string;
  readonly at: Date;
}
