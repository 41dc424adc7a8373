/** Taking hold of runs, of one or of those that are ready, and of what a space keeps. */
import type { JournalWriter } from "../journal/journal-writer.ts";
import type { Run, RunStatus } from "./run.ts";

export type Claim =
  | { readonly is: "mine"; readonly writer: JournalWriter }
  /** Another worker holds it, and lives for so long at least. */
  | { readonly is: "held"; readonly workerId: string; readonly expiresInMs: number }
  | { readonly is: "over"; readonly status: RunStatus };

/** `held`: a worker that lives executes this run of the space. */
export type Amending =
  | { readonly is: "mine"; readonly writer: JournalWriter }
  | {
      readonly is: "held";
      readonly runId: string;
      readonly workerId: string;
      readonly expiresInMs: number;
    };

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
