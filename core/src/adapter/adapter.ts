/**
 * The seam for frameworks. An adapter lets the framework's own engine run and stands at its effects;
 * everything durable about them it asks of the `RunContext` it is given.
 */
import type { CodecExtension } from "../codec/index.ts";
import type { ProgramEnd } from "../run/attempt.ts";
import type { RunContext } from "../run/run-context.ts";

export interface Adapter {
  /** The framework, as people know it: `"langgraph"`. */
  readonly name: string;
  /** The versions of the framework it was tested with. */
  readonly supported: string;
  /** The classes of the framework that are to survive a restart. Default: none. */
  readonly codec?: readonly CodecExtension[];
  recognises(app: unknown): boolean;
  /** What the app is called if its user does not say. */
  nameOf(app: unknown): string;
  /**
   * Puts the interception in place, for the copy of the framework the app belongs to. Idempotent, and
   * without effect outside a run. Throws UNSUPPORTED_FRAMEWORK_VERSION where it does not hold.
   */
  install(app: unknown): void;
  /** Runs the app. In another execution of the same run: does the same again, over the journal. */
  execute(call: AppCall): Promise<ProgramEnd>;
  /** What was stored of an output (`ProgramEnd.stored`), as the framework would give it. */
  restore?(stored: unknown, app: unknown): unknown;
  /**
   * For outputs that no stored value can stand for: of a run that is over the app runs once more, over
   * the journal, and what it returns or throws is given. Nothing is written, and nothing new is done.
   * Default: what was stored is given.
   */
  readonly replays?: boolean;
}

export interface AppCall {
  readonly app: unknown;
  readonly input: unknown;
  /** The framework's own options, without the key `durable`. */
  readonly options: unknown;
  readonly run: RunContext;
}
