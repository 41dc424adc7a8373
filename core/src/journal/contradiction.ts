/** In which way a request contradicts the journal: the rules of `match.ts`, told from their end. */
import type { StepIdentity, StepRecord } from "./step-record.ts";

export interface Divergence {
  readonly runId: string;
  /** What the code asks for now. */
  readonly request: { readonly identity: StepIdentity; readonly inputs: Inputs };
  /** All records of the request's group, taken or not, in the order in which they were started. */
  readonly records: readonly RecordedStep[];
  /** What else of its scope is recorded and was not asked for yet, in the same order. */
  readonly unclaimed: readonly RecordedStep[];
  /** `Error.stack` of where it was asked for, if that is known. */
  readonly at: string | undefined;
}

export interface RecordedStep {
  readonly record: StepRecord;
  readonly inputs: Inputs;
}

/** The encoded texts that a step was given, if they are known. */
export type Inputs = readonly string[] | undefined;

export type Contradiction =
  | { readonly is: "call id reused"; readonly meant: readonly [RecordedStep] }
  /** Its record was given to an earlier request, which seemed to be this one with a changed input. */
  | { readonly is: "given away"; readonly meant: readonly [RecordedStep] }
  | { readonly is: "other input"; readonly meant: readonly [RecordedStep] }
  | { readonly is: "several could be meant"; readonly meant: readonly RecordedStep[] }
  /** `same`: what of it is the same as in the request. */
  | {
      readonly is: "other name";
      readonly meant: readonly [RecordedStep];
      readonly same: "call id" | "input" | undefined;
    }
  | { readonly is: "nothing left"; readonly meant: readonly [] };

export function findContradiction(divergence: Divergence): Contradiction {
  const { callId, hash } = divergence.request.identity;
  const records = divergence.records.filter(({ record }) => record.identity.callId === callId);
  const reused = records.find(({ record }) => record.identity.hash !== hash);
  if (callId !== undefined && reused !== undefined)
    return { is: "call id reused", meant: [reused] };

  const givenAway = records.find(
    ({ record }) => record.consumed === "drift" && record.identity.hash === hash,
  );
  if (givenAway !== undefined) return { is: "given away", meant: [givenAway] };
  const [free, ...more] = records.filter(({ record }) => record.consumed === undefined);
  if (free === undefined) return findElsewhere(divergence);
  if (more.length === 0) return { is: "other input", meant: [free] };
  return { is: "several could be meant", meant: [free, ...more] };
}

function findElsewhere({ request, unclaimed }: Divergence): Contradiction {
  const { callId, hash } = request.identity;
  const byCallId = unclaimed.find(
    ({ record }) => callId !== undefined && record.identity.callId === callId,
  );
  if (byCallId !== undefined) return { is: "other name", meant: [byCallId], same: "call id" };
  // Steps that are given nothing are all given the same.
  const byInput = unclaimed.find(
    ({ record, inputs }) => inputs !== undefined && record.identity.hash === hash,
  );
  if (byInput !== undefined) return { is: "other name", meant: [byInput], same: "input" };
  const [next] = unclaimed;
  if (next !== undefined) return { is: "other name", meant: [next], same: undefined };
  return { is: "nothing left", meant: [] };
}
