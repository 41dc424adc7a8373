/**
 * The records of one group, in the order in which they were started, as an execution takes them one
 * by one. It answers what the rules ask (`match.ts`) without going through them: over a replay, each
 * question costs the same however long the group is.
 *
 * Invariants: a record that was taken is never free again; what the records are known by does not
 * change any more.
 */
import type { StepRecord } from "./step-record.ts";

export class RecordGroup {
  /** In the order in which they were started. */
  readonly all: readonly StepRecord[];
  readonly #inLine: Line;
  readonly #byHash: ReadonlyMap<string, Line>;
  readonly #byCallId: ReadonlyMap<string, Line>;
  /** By hash, the first record that was given to a request of another input. */
  readonly #drifted = new Map<string, StepRecord>();

  constructor(records: readonly StepRecord[]) {
    this.all = records;
    this.#inLine = new Line(records);
    this.#byHash = linesBy(records, ({ identity }) => identity.hash);
    this.#byCallId = linesBy(records, ({ identity }) => identity.callId);
  }

  /** The first that is free. */
  get firstFree(): StepRecord | undefined {
    return this.#inLine.firstFree;
  }

  /** The how-manieth of the group, from 1. */
  nth(nth: number): StepRecord | undefined {
    return this.all[nth - 1];
  }

  firstFreeOfCall(callId: string): StepRecord | undefined {
    return this.#byCallId.get(callId)?.firstFree;
  }

  firstFreeOfInput(hash: string): StepRecord | undefined {
    return this.#byHash.get(hash)?.firstFree;
  }

  /** Whether this input is on record, free or not. */
  hasInput(hash: string): boolean {
    return this.#byHash.has(hash);
  }

  /** A record of this input that was given to a request of another one. */
  drifted(hash: string): StepRecord | undefined {
    return this.#drifted.get(hash);
  }

  /** A request has come to this record: nobody else will. */
  take(record: StepRecord, consumed: "exact" | "drift"): void {
    record.consumed = consumed;
    const { hash } = record.identity;
    if (consumed === "drift" && !this.#drifted.has(hash)) this.#drifted.set(hash, record);
  }
}

/** Records in order, which knows where the free ones begin. */
class Line {
  readonly #records: readonly StepRecord[];
  #taken = 0;

  constructor(records: readonly StepRecord[]) {
    this.#records = records;
  }

  get firstFree(): StepRecord | undefined {
    while (this.#records[this.#taken]?.consumed !== undefined) this.#taken += 1;
    return this.#records[this.#taken];
  }
}

function linesBy(
  records: readonly StepRecord[],
  keyOf: (record: StepRecord) => string | undefined,
): ReadonlyMap<string, Line> {
  const lists = Map.groupBy(records, keyOf);
  const lines = new Map<string, Line>();
  for (const [key, list] of lists) if (key !== undefined) lines.set(key, new Line(list));
  return lines;
}
