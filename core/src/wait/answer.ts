/** What was said to a question, as its asker gets it and as the journal keeps it. */
import type { Codec } from "../codec/index.ts";
import type { History } from "../journal/index.ts";
import type { Control } from "../store/index.ts";

export interface Answer {
  /** `due`: nobody answered in time, or the time that was waited for has come. */
  readonly kind: "decision" | "signal" | "due";
  readonly value?: unknown;
  readonly by?: string;
  readonly at: Date;
  /** The number of the message that said it. */
  readonly control: number;
}

export function answerOf(codec: Codec, { seq, kind, value, author, at }: Control): Answer {
  return {
    kind: kind === "signal" || kind === "due" ? kind : "decision",
    ...(value === undefined ? {} : { value: codec.decode(value) }),
    ...(author === undefined ? {} : { by: author }),
    at,
    control: seq,
  };
}

/** The signals that waits of this run were given. The journal keeps the number of each. */
export function consumedSignals(history: History): ReadonlySet<number> {
  const consumed = new Set<number>();
  for (const { identity, outcome } of history.records()) {
    if (identity.kind !== "signal" || outcome?.text === undefined) continue;
    consumed.add((JSON.parse(outcome.text) as { readonly control: number }).control);
  }
  return consumed;
}
