/** An app, and everything about it that a crash must not change. */
import type { RunHandle, Runtime, RuntimeOptions } from "@holdfast/core";
import type { Wait } from "@holdfast/core/store";

export interface Scenario {
  readonly name: string;
  /** For the runtime of every process. Default: waiting runs leave memory at once. */
  readonly options?: Omit<RuntimeOptions, "store" | "database">;
  /**
   * What every process does, the first as well as those that come after it died: makes the app, runs
   * it with `durable: { runId: process.runId }`, and returns what is to be the same every time.
   */
  run(process: CrashProcess): Promise<unknown>;
  /** What people do about a wait that is open. Called once for each; they never die. */
  answer?(wait: Wait, people: People): Promise<void>;
  /** What it is made of, each a run that people answer by itself: see `beside`. */
  readonly parts?: readonly Scenario[];
  /** Effects that never happen twice, whatever the journal knows. */
  readonly once?: readonly string[];
  /** Kinds of entries that no crash is to cause. Default: drift, reordered, diverged, escaped, lossy. */
  readonly unwanted?: readonly string[];
}

export interface CrashProcess {
  readonly runtime: Runtime;
  /** The same in every process. */
  readonly runId: string;
  /** The how-manieth process this is, from 1. */
  readonly nth: number;
  /**
   * Something happens outside, in the body of a step. The key is of this one try of this one step: an
   * uninterrupted run has each key once.
   */
  effect(key: string): Promise<void>;
  /** Whether an effect happened, in whichever process. */
  happened(key: string): boolean;
}

export interface People {
  readonly handle: RunHandle;
  /** Whether an effect happened, for who decides on a step in doubt. */
  happened(key: string): Promise<boolean>;
}
