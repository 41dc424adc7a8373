/** What one run does over and over, as contenders: an entry, a tool step, a model turn. */
import type { JournalWriter } from "@holdfast/core/store";
import { type Contender, drive } from "../measure.ts";
import { message } from "../random-text.ts";

/** One durable entry with its body in the row. */
export function entries(writers: readonly JournalWriter[], body: string): Contender {
  return contender("entry", writers, (writer) => {
    const value = { text: body };
    return writer.append({ entry: "finished", kind: "tool", name: "search", value }).durable;
  });
}

/** `started`, and `finished` in the same flush: what a tool that answers at once costs. */
export function toolSteps(writers: readonly JournalWriter[], body: string): Contender {
  const call = { text: JSON.stringify({ query: "what the tool was asked" }) };
  return contender("tool step (2 entries)", writers, (writer) => {
    const step = writer.append({ entry: "started", kind: "tool", name: "search", value: call });
    return writer.append({ entry: "finished", step: step.seq, value: { text: body } }).durable;
  });
}

const SHORTEST = 50;
const LONGEST = 150;

/**
 * A model call on a history of 50 messages that grows by two a turn, until it is cut back to its
 * first 50: items, a list and two entries in one transaction.
 */
export function modelTurns(writers: readonly JournalWriter[]): Contender {
  const histories = writers.map(() =>
    Array.from({ length: SHORTEST }, () => message("assistant", 1000)),
  );
  return contender("model turn (50+ messages)", writers, (writer, lane) => {
    const history = histories[lane]!;
    if (history.length >= LONGEST) history.length = SHORTEST;
    history.push(message("tool", 1000));
    const model = writer.append({
      entry: "started",
      kind: "model",
      name: "m",
      input: [...history],
    });
    const answer = message("assistant", 1000);
    history.push(answer);
    const value = { text: answer, shared: true };
    return writer.append({ entry: "finished", step: model.seq, value }).durable;
  });
}

function contender(
  what: string,
  writers: readonly JournalWriter[],
  operation: (writer: JournalWriter, lane: number) => Promise<void>,
): Contender {
  return {
    name: what,
    sample: (ms) => drive(writers.length, ms, (lane) => operation(writers[lane]!, lane)),
  };
}
