/**
 * The seam for frameworks. An adapter lets the framework's own engine run and stands at its effects;
 * everything durable about them it asks of the `RunContext` it is given.
 */
import type { CodecExtension } from "../codec/index.ts";
import type { ProgramEnd } from "../run/attempt.ts";
import type { RunContext } from "../run/run-context.ts";
import type { RunSpace } from "../run/run-space.ts";
import type { AppStructure } from "./app-structure.ts";

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
  /** What the app is made of, for people. Default: nothing is said. */
  describe?(app: unknown): AppStructure | Promise<AppStructure>;
  /** Runs the app. In another execution of the same run: does the same again, over the journal. */
  execute(call: AppCall): Promise<ProgramEnd>;
  /**
   * The thread or session of the framework's that a run belongs to: what its runs keep, they keep
   * together, and one of them is under way at a time. Default: each run is for itself.
   */
  threadOf?(app: unknown, options: unknown): string | undefined | Promise<string | undefined>;
  /**
   * For inputs that can answer what a run asked: what they come to. Undefined for every other input.
   * Default: every input is one of a new run.
   */
  answersIn?(input: unknown): ((open: readonly OpenQuestion[]) => Answering) | undefined;
  /** Whether the framework's own answers also decide about calls of tools. Default: false. */
  readonly answersApprovals?: boolean;
  /**
   * Whether a run that is answered goes on with the options it was begun with, where those of the call that
   * answers say something else: what was done with them is on record. Default: false, each call of the
   * framework has its own.
   */
  readonly keepsOptions?: boolean;
  /**
   * Does what `execute` does, and tells what the framework streams meanwhile. Default: the app cannot be
   * streamed.
   */
  stream?(call: StreamedCall): Promise<ProgramEnd>;
  /** The pieces in the framework's own form of a stream. Default: one after the other. */
  streamOf?(stream: LiveStream, app: unknown): unknown;
  /**
   * The framework's own config, by which the app's own methods read what a run keeps, and change it. May
   * throw APP_HAS_NO_STATE. Default: the app has no such methods.
   */
  configFor?(state: StateOfRun): unknown;
  /** What was stored of an output (`ProgramEnd.stored`), as the framework would give it. */
  restore?(stored: unknown, app: unknown): unknown;
  /**
   * For outputs that no stored value can stand for: of a run that is over the app runs once more, over
   * the journal, and what it returns or throws is given. Nothing is written, and nothing new is done.
   * Default: what was stored is given.
   */
  readonly replays?: boolean;
}

/** A question that a run waits with. */
export interface OpenQuestion {
  readonly wait: number;
  readonly kind: string;
  readonly name: string;
  /** The framework's own id of it. */
  readonly callId: string | undefined;
  readonly asked: unknown;
}

/**
 * To which of the open questions an input gives what. `goes on`: to none, and the run is to be tried
 * without an answer. Undefined: it is the input of a new run after all.
 */
export type Answering = readonly GivenAnswer[] | "goes on" | undefined;

export interface GivenAnswer {
  readonly wait: number;
  readonly value: unknown;
}

/** A run that is looked at from outside. */
export interface StateOfRun {
  readonly app: unknown;
  /** What the run was ordered with, as far as it is known here. */
  readonly options: object;
  readonly runId: string;
  readonly space: RunSpace;
}

export interface StreamedCall extends AppCall {
  /** Each piece once, in their order. */
  emit(piece: unknown): void;
}

/** What a run streams while this process works on it. */
export interface LiveStream {
  readonly pieces: AsyncIterable<unknown>;
  /** What `run` would have returned. */
  readonly output: Promise<unknown>;
  /** The framework's own options, without the key `durable`. */
  readonly options: unknown;
}

export interface AppCall {
  readonly app: unknown;
  readonly input: unknown;
  /** The framework's own options, without the key `durable`. */
  readonly options: unknown;
  readonly run: RunContext;
}
