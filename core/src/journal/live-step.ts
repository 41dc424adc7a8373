/**
 * A step whose body runs now. Its `started` entry is written when something needs its number, after
 * 20 ms, or together with its end, whichever comes first: a quick step costs one commit, not two.
 */
import type { Appended, JournalWriter } from "../store/index.ts";
import type { StepIdentity, StepRecord } from "./step-record.ts";

export interface LiveStepOptions {
  readonly identity: StepIdentity;
  readonly input: readonly string[] | undefined;
  /** The record of an earlier execution, of which nobody knows how it ended. */
  readonly record: StepRecord | undefined;
}

export class LiveStep {
  readonly #options: LiveStepOptions;
  readonly #writer: JournalWriter;
  /** Whether another step of its group was under way at some time of its life. */
  overlapped = false;
  #announced: Appended | undefined;

  constructor(options: LiveStepOptions, writer: JournalWriter) {
    this.#options = options;
    this.#writer = writer;
  }

  get seq(): number {
    const { record } = this.#options;
    return record?.seq ?? this.announce().seq;
  }

  announce(): Appended {
    this.#announced ??= this.#writer.append(this.#startedEntry());
    return this.#announced;
  }

  #startedEntry() {
    const { identity, input, record } = this.#options;
    const { hash, callId, ...place } = identity;
    return {
      ...(record === undefined
        ? { entry: "started", ...place, ...(callId === undefined ? {} : { callId }) }
        : { entry: "restarted", step: record.seq }),
      hash,
      overlapped: this.overlapped,
      ...(input === undefined ? {} : { input }),
    };
  }
}
