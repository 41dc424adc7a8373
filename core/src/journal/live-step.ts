/**
 * A step that has no outcome yet, and everything the journal is told about it. Its `started` entry is
 * written when something needs its number, when an equal one is asked for beside it, after 20 ms, or
 * together with its end, whichever comes first: a quick step costs one commit, not two.
 */
import type { Appended, JournalWriter, NewEntry } from "../store/index.ts";
import type { Outcome, StepIdentity, StepRecord } from "./step-record.ts";

export interface LiveStepOptions {
  readonly identity: StepIdentity;
  readonly input: readonly string[] | undefined;
  /** The record of an earlier execution that has no outcome. */
  readonly record: StepRecord | undefined;
}

export class LiveStep {
  readonly identity: StepIdentity;
  /** Whether an earlier execution began it. */
  readonly again: boolean;
  readonly #input: readonly string[] | undefined;
  readonly #writer: JournalWriter;
  /** Whether another step of its group was under way at some time of its life. */
  overlapped = false;
  /** Whether it has come to something, or was given up: no other try of it begins. */
  over = false;
  /** Whether its body runs right now. */
  inBody = false;
  #announced: Appended | undefined;
  /** The number of its first `started` entry, whichever try wrote it. */
  #seq: number | undefined;
  #begun = false;

  constructor({ identity, input, record }: LiveStepOptions, writer: JournalWriter) {
    this.identity = identity;
    this.#input = input;
    this.again = record !== undefined;
    this.#seq = record?.seq;
    this.#writer = writer;
  }

  get seq(): number {
    return this.#seq ?? this.announce().seq;
  }

  /** Has its record stand before those of all that are asked for later. */
  enter(): void {
    if (this.#seq === undefined) this.announce();
  }

  /** Says that its body begins, once a try. */
  announce(): Appended {
    this.#announced ??= this.#writer.append(this.#startedEntry());
    this.#seq ??= this.#announced.seq;
    return this.#announced;
  }

  /** A try of its body begins: from here on its end says that it did. */
  begin(): void {
    this.#begun = true;
  }

  ended({ failed, text, effect }: Outcome): Promise<void> {
    // A question that is answered, or a step that a person settled, had no body in this execution.
    if (this.#begun || this.#seq === undefined) this.announce();
    if (effect !== undefined) this.#tell("effect", { value: { text: effect } });
    const { overlapped } = this;
    return this.#tell(failed ? "failed" : "finished", { overlapped, ...textValue(text) }).durable;
  }

  /** A try of its body failed, and another will be made: after that one was announced, too. */
  tryFailed(scope: string, { text }: Outcome): Promise<void> {
    this.announce();
    const told = this.#tell("try failed", { scope, ...textValue(text) });
    this.#announced = undefined;
    return told.durable;
  }

  /** What its body came to when nobody waited for it any more. */
  late({ failed, text }: Outcome): void {
    this.#tell("late", { name: failed ? "failed" : "finished", ...textValue(text) });
  }

  /** It has not ended, but no body of it is under way. Says so if its start was told. */
  rest(): void {
    if (this.#announced !== undefined) this.#tell("at rest", {});
  }

  #tell(entry: string, rest: Omit<NewEntry, "entry" | "step">): Appended {
    return this.#writer.append({ entry, step: this.seq, ...rest });
  }

  #startedEntry(): NewEntry {
    const { hash, callId, ...place } = this.identity;
    const again = this.#seq;
    return {
      ...(again === undefined
        ? { entry: "started", ...place, ...(callId === undefined ? {} : { callId }) }
        : { entry: "restarted", step: again }),
      hash,
      overlapped: this.overlapped,
      ...(this.#input === undefined ? {} : { input: this.#input }),
    };
  }
}

function textValue(text: string | undefined): { readonly value?: { readonly text: string } } {
  return text === undefined ? {} : { value: { text } };
}
