/** What a program asks of an execution, and what it gets. */
import type { Outcome, StepKind, StepRecord, WaitKind } from "./step-record.ts";

export interface StepRequest {
  readonly kind: StepKind;
  readonly name: string;
  readonly callId?: string;
  /** Of the normalised input: see the codec's `canonical`. */
  readonly hash: string;
  readonly input?: readonly string[];
  /**
   * No result can stand for it: it never has an outcome, and its body runs in every execution, over
   * what is recorded inside. Default: false.
   */
  readonly isContainer?: boolean;
  /** Durable before its body runs that it was started: for bodies that must not run twice unasked. */
  readonly announced?: boolean;
  /**
   * Decides on a step of an earlier execution of which nobody knows how it ended. Default: it is run
   * again.
   */
  readonly settle?: (record: StepRecord) => Promise<Outcome | "retry">;
  /**
   * How long to wait before a body that failed is tried again; undefined: its failure stands. Never throws.
   * Not asked of a step that was given up.
   */
  readonly retryAfter?: (outcome: Outcome, nth: number) => number | undefined;
  /** Resolves when the program stops waiting, with what it takes for the outcome instead. */
  readonly abandoned?: Promise<Outcome>;
}

/** Something that is asked of somebody outside: a person, a program, a clock. */
export interface WaitRequest {
  readonly kind: WaitKind;
  readonly name: string;
  readonly callId?: string;
  /** Of what is asked: an answer is given to exactly that. */
  readonly hash: string;
  readonly input?: readonly string[];
  /**
   * The program takes the answer before it comes to where it asked: it is given out of turn. To be
   * asked in a scope that is closed right after. Default: false.
   */
  readonly ahead?: boolean;
}

export interface StepResult extends Outcome {
  readonly seq: number;
  readonly replayed: boolean;
  /** The recorded input was another one. */
  readonly drift: boolean;
}
