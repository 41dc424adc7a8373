/**
 * Finds the record that a request stands for, by the rules of `match.ts`. A request that is not clear
 * is held; what decides it, and when it is a divergence, stands in `held-requests.ts`.
 */
import type { JournalWriter } from "../store/index.ts";
import type { Activity } from "./activity.ts";
import type { ContradictedRequest } from "./execution.ts";
import type { Gate } from "./gate.ts";
import type { HeldRequests, Stillness } from "./held-requests.ts";
import type { History } from "./history.ts";
import type { LiveStep } from "./live-step.ts";
import { match } from "./match.ts";
import { RecordGroup } from "./record-group.ts";
import { currentScope } from "./scope.ts";
import { ASKS, groupKey, type StepIdentity, type StepRecord } from "./step-record.ts";

export interface IdentificationParts {
  readonly history: History;
  readonly writer: JournalWriter;
  readonly gate: Gate;
  readonly held: HeldRequests;
  readonly activity: Activity;
  /** Of a run that is over nothing is new. */
  readonly isOver: boolean;
  readonly reports: {
    diverged(contradiction: ContradictedRequest): void;
    replaced(wait: StepRecord): void;
  };
}

interface Group {
  readonly key: string;
  readonly records: RecordGroup;
  /** Requests so far in this execution. */
  requests: number;
  /** Steps of the group that are under way. */
  readonly live: Set<LiveStep>;
}

export class Identification {
  readonly #parts: IdentificationParts;
  readonly #groups = new Map<string, Group>();

  constructor(parts: IdentificationParts) {
    this.#parts = parts;
  }

  /** Those with which a step of this identity could be mixed up, and that are under way. */
  liveBeside(identity: StepIdentity): Set<LiveStep> {
    return this.#groupOf(identity).live;
  }

  /** The record the request stands for, or undefined for a new step. Waits while that is unclear. */
  recordOf(
    identity: StepIdentity,
    input: readonly string[] | undefined,
  ): Promise<StepRecord | undefined> {
    const { held, activity, isOver, reports } = this.#parts;
    const group = this.#groupOf(identity);
    group.requests += 1;
    const nth = group.requests;
    const scope = currentScope.getStore()!;
    return new Promise((resolve) => {
      const take = (record: StepRecord | undefined, consumed: "exact" | "drift") => {
        if (record !== undefined) group.records.take(record, consumed);
        if (consumed === "drift" && record !== undefined) this.#noteDrift(record, identity);
        if (isHeld) scope.heldUp -= 1;
        resolve(record);
        return true;
      };
      const request = {
        scope: identity.scope,
        group: group.key,
        decide: (stillness: Stillness): boolean => {
          const contested = held.contests(group.key, request);
          const found = match(identity, { records: group.records, nth, contested });
          if (found.is === "replacement") {
            this.#replace(group, found.record);
            return request.decide(stillness);
          }
          if (found.is === "new" && !isOver) return take(undefined, "exact");
          if (found.is === "record") return take(found.record, found.drift ? "drift" : "exact");
          const likely = found.is === "unclear" ? found.likely : undefined;
          if (likely !== undefined && stillness !== "moving") return take(likely, "drift");
          // Of a run that is over, a new one may have lost a race before anything was said of it.
          if (found.is === "divergence" || stillness === "stalled") {
            reports.diverged({ identity, input, group: group.records.all, at });
          }
          return false;
        },
      };
      let at: string | undefined;
      let isHeld = false;
      if (request.decide("moving")) held.decideAgain(group.key);
      else {
        at = new Error().stack;
        isHeld = true;
        scope.heldUp += 1;
        held.hold(request);
      }
      activity.moved(identity.scope);
    });
  }

  #noteDrift(record: StepRecord, { hash }: StepIdentity): void {
    if (record.driftNoted || record.outcome === undefined) return;
    record.driftNoted = true;
    this.#parts.writer.append({ entry: "drift", step: record.seq, hash });
  }

  #replace(group: Group, record: StepRecord): void {
    group.records.take(record, "exact");
    this.#parts.gate.skip(record);
    this.#parts.reports.replaced(record);
  }

  #groupOf(identity: StepIdentity): Group {
    const key = groupKey(identity);
    let group = this.#groups.get(key);
    if (group === undefined) {
      const recorded = this.#parts.history.groups.get(key) ?? [];
      const records = new RecordGroup(ASKS.has(identity.kind) ? answeredFirst(recorded) : recorded);
      group = { key, records, requests: 0, live: new Set() };
      this.#groups.set(key, group);
    }
    return group;
  }
}

/** Of equal questions the answered ones are given first, so that nobody gets an older answer later. */
function answeredFirst(waits: readonly StepRecord[]): readonly StepRecord[] {
  const isOpen = ({ outcome }: StepRecord) => Number(outcome === undefined);
  return waits.toSorted((a, b) => isOpen(a) - isOpen(b));
}
