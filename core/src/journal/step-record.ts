/**
 * What the journal says of one step: that it was started, and what came of it. Records are what
 * requests of a re-execution are matched with.
 */

import type { ListId } from "../store/index.ts";

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

/** What can be waited for. A wait is recorded as a step whose body is somebody else. */
export type WaitKind = "approval" | "input" | "signal" | "timer" | "child";

/** Kinds that ask somebody something. Another question is another wait, wherever it is asked. */
export const ASKS: ReadonlySet<StepKind | WaitKind> = new Set([
  "approval",
  "input",
  "signal",
  "timer",
  "child",
]);

/** What a step was given and what identifies it: see `match.ts`. */
export interface StepIdentity {
  /** Path of the scope it stands in. */
  readonly scope: string;
  readonly kind: StepKind | WaitKind;
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
  /** What else it did to the state of its framework, to be done again on replay. */
  readonly effect?: string | undefined;
}

/** A question to a person about a step of which nobody knows how it ended. */
export interface Doubt {
  /** Of the entry that asked. */
  readonly seq: number;
  /** What was said, once it was. */
  answer: string | undefined;
}

export class StepRecord {
  readonly seq: number;
  identity: StepIdentity;
  /** Whether another step of its group was known to be under way at the same time. */
  overlapped: boolean;
  /** Names the list of what it was given, if that is stored. */
  input: ListId | undefined;
  outcome: Outcome | undefined;
  /** Tries of its body that failed and are over. */
  failedTries = 0;
  /** Whether it is certain that no body of it is under way, though it has no outcome. */
  isAtRest = false;
  doubt: Doubt | undefined;
  /** Whether the journal says already that it was asked with another input. */
  driftNoted = false;
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
 * request without a call id never stands for a record that has one. A call of a model that has an id is
 * the same call whatever the model is named by now.
 */
export function groupKey({ scope, kind, name, callId }: StepIdentity): string {
  const isNamed = kind !== "model" || callId === undefined;
  return JSON.stringify([scope, kind, isNamed ? name : "", callId !== undefined]);
}
