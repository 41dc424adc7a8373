/**
 * What the journal says of one step: that it was started, and what came of it. Records are what
 * requests of a re-execution are matched with.
 */

export type StepKind =
  | "model"
  | "tool"
  | "node"
  | "handoff"
  | "guardrail"
  | "retrieval"
  | "store"
  | "mcp"
  | "session"
  | "code";

/** What a step was given and what identifies it: see `match.ts`. */
export interface StepIdentity {
  /** Path of the scope it stands in. */
  readonly scope: string;
  readonly kind: StepKind;
  readonly name: string;
  /** The framework's own id of the call, where it has one. */
  readonly callId: string | undefined;
  /** Of the normalised input. */
  readonly hash: string;
}

/** How a step ended: the encoded result, or the encoded error. */
export interface Outcome {
  readonly failed: boolean;
  readonly text: string | undefined;
}

export class StepRecord {
  readonly seq: number;
  identity: StepIdentity;
  /** Whether another step of its group was known to be under way at the same time. */
  overlapped: boolean;
  outcome: Outcome | undefined;
  /** How a request of this execution came to it, if one did. */
  consumed: "exact" | "drift" | undefined;

  constructor(seq: number, identity: StepIdentity, overlapped: boolean) {
    this.seq = seq;
    this.identity = identity;
    this.overlapped = overlapped;
  }
}

/**
 * Steps that can be told apart only by call id, or only by input: same scope, kind and name. A
 * request without a call id never stands for a record that has one.
 */
export function groupKey({ scope, kind, name, callId }: StepIdentity): string {
  return JSON.stringify([scope, kind, name, callId !== undefined]);
}
