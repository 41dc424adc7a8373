/**
 * Which record a request stands for. The one invariant: no record goes to a request that may be
 * another one's. Where that is not certain yet, the request is held: it becomes clear when others
 * have taken their records, or when nothing moves any more.
 *
 * 1. A call id decides: its record, or a new step. A tool with that id and another input diverges; of a
 *    model, even the name may be another one; a question is asked again, since its answer was given to
 *    exactly what was asked, unless one that was asked later has this input.
 * 2. Equal input: the first free record, also one that was only started. Records of equal requests stand
 *    in the order in which these were made.
 * 3. No free record of the group, or one more request with an input that is on record: a new step.
 *    (But if its record was given to another, by 4, that was wrong, and now it is known: divergence.)
 * 4. Another input, the prompt contains the date: only for models and nodes, only the k-th request
 *    for the k-th record, the k-1 before it taken, none overlapping it, no other request of the
 *    group undecided. Likely, not certain: a parallel branch that is late may be the one that is
 *    meant. So it counts only when all has been quiet for a while.
 */
import type { RecordGroup } from "./record-group.ts";
import { ASKS, type StepIdentity, type StepRecord } from "./step-record.ts";

export type Match =
  | { readonly is: "record"; readonly record: StepRecord; readonly drift: boolean }
  | { readonly is: "new" }
  /** What this record asked is asked in another form now: perhaps in that of one after it. */
  | { readonly is: "replacement"; readonly record: StepRecord }
  /** `likely`: what it is if nothing else asks. */
  | { readonly is: "unclear"; readonly likely: StepRecord | undefined }
  | { readonly is: "divergence"; readonly record: StepRecord };

/** Kinds whose input may differ from one execution to the next without meaning another step. */
const MAY_DRIFT: ReadonlySet<StepIdentity["kind"]> = new Set(["model", "node"]);

export interface GroupState {
  readonly records: RecordGroup;
  /** The how-manieth request of the group this is in this execution, from 1. */
  readonly nth: number;
  /** Whether other requests of the group are undecided as well. */
  readonly contested: boolean;
}

export function match(request: StepIdentity, { records, nth, contested }: GroupState): Match {
  const { kind, callId, hash } = request;
  if (callId !== undefined) return matchCallId(request, records.firstFreeOfCall(callId));

  const equal = records.firstFreeOfInput(hash);
  if (equal !== undefined) return { is: "record", record: equal, drift: false };
  const givenAway = records.drifted(hash);
  if (givenAway !== undefined) return { is: "divergence", record: givenAway };
  if (records.firstFree === undefined || records.hasInput(hash) || ASKS.has(kind)) {
    return { is: "new" };
  }

  const inLine = MAY_DRIFT.has(kind) && !contested && isInLine(nth, records);
  return { is: "unclear", likely: inLine ? records.nth(nth) : undefined };
}

function matchCallId(request: StepIdentity, record: StepRecord | undefined): Match {
  if (record === undefined) return { is: "new" };
  const { hash, name } = record.identity;
  const drift = hash !== request.hash || name !== request.name;
  if (drift && ASKS.has(request.kind)) return { is: "replacement", record };
  if (drift && !MAY_DRIFT.has(request.kind)) return { is: "divergence", record };
  return { is: "record", record, drift };
}

function isInLine(nth: number, records: RecordGroup): boolean {
  const record = records.nth(nth);
  return (
    record !== undefined &&
    record === records.firstFree &&
    !overlapped(record, records.nth(nth + 1))
  );
}

/** A step whose end is recorded knows. Of one that never ended, a later one that began beside it knows. */
function overlapped(record: StepRecord, next: StepRecord | undefined): boolean {
  return record.overlapped || (record.outcome === undefined && next?.overlapped === true);
}
