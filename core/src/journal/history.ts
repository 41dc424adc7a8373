/** What a journal says happened so far: the records of its steps, ready to be asked for again. */
import { HoldfastError } from "../errors/index.ts";
import type { Entry } from "../store/index.ts";
import { bodyPath, isWithin, pathsAbove, tryOf } from "./scope.ts";
import { ASKS, groupKey, type StepKind, StepRecord } from "./step-record.ts";

export class History {
  readonly #records = new Map<number, StepRecord>();
  /** By group, in the order in which they were started. */
  readonly groups: Map<string, StepRecord[]> = new Map();
  /** Those that have an outcome, in the order in which the program was given them. */
  readonly #returned: StepRecord[] = [];
  /** The newest entry that tells of an effect. */
  #effect: Entry | undefined;
  /** By scope, how many of its tries failed. */
  readonly failedTries: Map<string, number> = new Map();

  static of(entries: Iterable<Entry>): History {
    const history = new History();
    for (const entry of entries) history.#add(entry);
    return history;
  }

  /** All steps and waits, in the order in which they were started. */
  records(): Iterable<StepRecord> {
    return this.#records.values();
  }

  /**
   * The results that this execution may ask for, in the order in which they were returned: not those
   * of steps inside a step that has ended itself, or of a try that failed.
   */
  results(): readonly StepRecord[] {
    const ended = new Set(this.#returned.map(({ identity, seq }) => bodyPath(identity, seq)));
    return this.#returned.filter(({ identity }) =>
      pathsAbove(identity.scope).every(
        (path) => !ended.has(tryOf(path)[0]) && !this.#isFailedTry(path),
      ),
    );
  }

  /** Whether a path lies in a try that failed. */
  hasFailed(path: string): boolean {
    return pathsAbove(path).some((above) => this.#isFailedTry(above));
  }

  #isFailedTry(path: string): boolean {
    const [scope, nth] = tryOf(path);
    return nth <= (this.failedTries.get(scope) ?? 0);
  }

  #add(entry: Entry): void {
    if (entry.entry === "started") this.#addStarted(entry);
    if (entry.entry === "restarted") this.#addRestarted(entry);
    if (entry.entry === "finished" || entry.entry === "failed") this.#addOutcome(entry);
    if (entry.entry === "returned") this.#addReturned(entry);
    if (entry.entry === "try failed") this.#addFailedTry(entry);
    if (entry.entry === "effect") this.#effect = entry;
    if (entry.entry === "drift") this.#recordOf(entry, entry.step).driftNoted = true;
    if (entry.entry === "at rest") this.#recordOf(entry, entry.step).isAtRest = true;
    if (entry.entry === "superseded") this.#addSuperseded(entry);
    if (entry.entry === "withdrawn") this.#addWithdrawn(entry);
    if (entry.entry === "in doubt") this.#addDoubt(entry);
    if (entry.entry === "settled") this.#addSettled(entry);
  }

  #addStarted({ seq, scope = "", kind = "code", name = "", ...known }: Entry): void {
    const { callId, hash = "", overlapped, input } = known;
    const identity = { scope, kind: kind as StepKind, name, callId, hash };
    const record = new StepRecord(seq, identity, overlapped);
    record.input = input;
    this.#records.set(seq, record);
    const group = this.groups.get(groupKey(identity));
    if (group === undefined) this.groups.set(groupKey(identity), [record]);
    else group.push(record);
  }

  /** A step that is run again may be given another input: the newest is what it is known by. */
  #addRestarted(entry: Entry): void {
    const record = this.#recordOf(entry, entry.step);
    record.identity = { ...record.identity, hash: entry.hash ?? record.identity.hash };
    record.overlapped ||= entry.overlapped;
    record.input = entry.input ?? record.input;
    record.isAtRest = false;
    record.doubt = undefined;
  }

  #addOutcome(entry: Entry): void {
    const record = this.#recordOf(entry, entry.step);
    record.overlapped ||= entry.overlapped;
    // A second outcome is that of a program that gave up before it was given the first.
    if (record.outcome !== undefined) this.#returned.splice(this.#returned.indexOf(record), 1);
    record.outcome = {
      failed: entry.entry === "failed",
      text: entry.value,
      effect: this.#effectBefore(entry),
    };
    this.#returned.push(record);
  }

  /** An effect stands right before its outcome. One whose outcome was never written is void. */
  #effectBefore({ seq, step }: Entry): string | undefined {
    const { seq: before, step: of, value } = this.#effect ?? {};
    return before === seq - 1 && of === step ? value : undefined;
  }

  /** Returned right after another step, not where its entry stands. */
  #addReturned(entry: Entry): void {
    const record = this.#recordOf(entry, entry.step);
    const after = Number(entry.value);
    this.#returned.splice(this.#returned.indexOf(record), 1);
    const place = after === 0 ? 0 : this.#returned.indexOf(this.#recordOf(entry, after)) + 1;
    this.#returned.splice(place, 0, record);
  }

  /** Of a scope, or of a step's body, which is in the scope that the entry names. */
  #addFailedTry(entry: Entry): void {
    const { scope = "", step } = entry;
    this.failedTries.set(scope, (this.failedTries.get(scope) ?? 0) + 1);
    if (step === undefined) return;
    const record = this.#recordOf(entry, step);
    record.failedTries += 1;
    record.isAtRest = true;
  }

  /**
   * Its failure ended the run, and the run is to go on: the step is run again, and so is what failed
   * in its body, or the body would only fail again. Of that it is not certain that nothing of it is
   * under way: the program may have given it up.
   */
  #addSuperseded(entry: Entry): void {
    this.#forgetOpenQuestions();
    if (entry.step === undefined) return; // What ended it was no step's failure.
    const ended = this.#recordOf(entry, entry.step);
    const inside = bodyPath(ended.identity, ended.seq);
    for (const record of this.#records.values()) {
      const { scope } = record.identity;
      const isInside = isWithin(scope, inside) || scope.startsWith(`${inside}~`);
      if (record === ended || (isInside && record.outcome?.failed)) this.#supersede(record);
    }
    ended.isAtRest = true;
  }

  #supersede(record: StepRecord): void {
    if (record.outcome === undefined) return;
    this.#returned.splice(this.#returned.indexOf(record), 1);
    record.outcome = undefined;
    record.isAtRest = false;
  }

  /** They were closed with the run, for good: who still wants to know asks anew. */
  #forgetOpenQuestions(): void {
    for (const record of this.#records.values()) {
      if (record.doubt?.answer === undefined) record.doubt = undefined;
      if (ASKS.has(record.identity.kind) && record.outcome === undefined) this.#forget(record);
    }
  }

  /** A question that nobody asks any more: asked once more, it is another one. */
  #addWithdrawn(entry: Entry): void {
    const record = this.#recordOf(entry, entry.step);
    this.#forget(record);
    if (record.outcome !== undefined) this.#returned.splice(this.#returned.indexOf(record), 1);
  }

  /** No request stands for it any more. */
  #forget(record: StepRecord): void {
    const group = this.groups.get(groupKey(record.identity))!;
    const index = group.indexOf(record);
    if (index >= 0) group.splice(index, 1);
  }

  #addDoubt(entry: Entry): void {
    this.#recordOf(entry, entry.step).doubt = { seq: entry.seq, answer: undefined };
  }

  #addSettled(entry: Entry): void {
    const { doubt } = this.#recordOf(entry, entry.step);
    if (doubt !== undefined) doubt.answer = entry.value;
  }

  #recordOf({ seq, entry }: Entry, step: number | undefined): StepRecord {
    const record = step === undefined ? undefined : this.#records.get(step);
    if (record !== undefined) return record;
    throw new HoldfastError(
      "STORE_CORRUPT",
      `Entry ${seq} of the journal says "${entry}" of step ${step}, which was never started.`,
      {
        hint: "Rows of holdfast.steps were changed by something other than Holdfast. Restore them from a backup.",
      },
    );
  }
}
