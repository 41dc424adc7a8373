/** What a program asks of an execution, and what it gets. */
import type { Outcome, StepKind } from "./step-record.ts";

export interface StepRequest {
  readonly kind: StepKind;
  readonly name: string;
  readonly callId?: string;
  /** Of the normalised input: see the codec's `canonical`. */
  readonly hash: string;
  readonly input?: readonly string[];
  /** Never run again when its end is unknown; so it is durable that it was started before it runs. */
  readonly once?: boolean;
  /** Resolves when the program stops waiting, with what it takes for the outcome instead. */
  readonly abandoned?: Promise<Outcome>;
}

export interface StepResult extends Outcome {
  readonly seq: number;
  readonly replayed: boolean;
  /** The recorded input was another one. */
  readonly drift: boolean;
}
