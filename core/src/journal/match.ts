/**
 * Which record a request stands for. The one invariant: no record goes to a request that may be
 * another one's. Where that is not certain yet, the request is held: it becomes clear when others
 * have taken their records, or when nothing moves any more.
 *
 * 1. A call id decides: its record, or a new step. A tool with that id and another input diverges.
 * 2. Equal input: the first free record, also one that was only started.
 * 3. No free record of the group, or one more request with an input that is on record: a new step.
 *    (But if its record was given to another, by 4, that was wrong, and now it is known: divergence.)
 * 4. Another input, the prompt contains the date: only for models and nodes, only the k-th request
 *    for the k-th record, the k-1 before it taken, none overlapping it, no other request of the
 *    group undecided. Likely, not certain: a parallel branch that is late may be the one that is
 *    meant. So it counts only when all has been quiet for a while.
 */
import type { StepIdentity, StepKind, StepRecord } from "./step-record.ts";

export type Match =
  | { readonly is: "record"; readonly record: StepRecord; readonly drift: boolean }
  | { readonly is: "new" }
  /** `likely`: what it is if nothing else asks. */
  | { readonly is: "unclear"; readonly likely: StepRecord | undefined }
  | { readonly is: "divergence"; readonly record: StepRecord };

/** Kinds whose input may differ from one execution to the next without meaning another step. */
const MAY_DRIFT: ReadonlySet<StepKind> = new Set(["model", "node"]);

export interface GroupState {
  /** The records of the group, in the order they were started. */
  readonly records: readonly StepRecord[];
  /** The how-manieth request of the group this is in this execution, from 1. */
  readonly nth: number;
  /** Whether other requests of the group are undecided as well. */
  readonly contested: boolean;
}

export function match(request: StepIdentity, { records, nth, contested }: GroupState): Match {
  const free = records.filter(({ consumed }) => !consumed);
  if (request.callId !== undefined) return matchCallId(request, free);

  const isEqual = ({ identity }: StepRecord) => identity.hash === request.hash;
  const equal = free.find(isEqual);
  if (equal !== undefined) return { is: "record", record: equal, drift: false };
  const taken = records.find(isEqual);
  if (taken?.consumed === "drift") return { is: "divergence", record: taken };
  if (free.length === 0 || taken !== undefined) return { is: "new" };

  const inLine = MAY_DRIFT.has(request.kind) && !contested && isInLine(nth, records);
  return { is: "unclear", likely: inLine ? records[nth - 1] : undefined };
}

function matchCallId(request: StepIdentity, free: readonly StepRecord[]): Match {
  const record = free.find(({ identity }) => identity.callId === request.callId);
  if (record === undefined) return { is: "new" };
  const drift = record.identity.hash !== request.hash;
  if (drift && !MAY_DRIFT.has(request.kind)) return { is: "divergence", record };
  return { is: "record", record, drift };
}

function isInLine(nth: number, records: readonly StepRecord[]): boolean {
  const record = records[nth - 1];
  return (
    record !== undefined &&
    !record.consumed &&
    !overlapped(record, records[nth]) &&
    records.slice(0, nth - 1).every(({ consumed }) => consumed)
  );
}

/** A step whose end is recorded knows. Of one that never ended, a later one that began beside it knows. */
function overlapped(record: StepRecord, next: StepRecord | undefined): boolean {
  return record.overlapped || (record.outcome === undefined && next?.overlapped === true);
}
