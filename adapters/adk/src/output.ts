import { type Event, isFinalResponse } from "@google/adk";

/** What the last node returned, if there was one; else the text of the last final answer. */
export function finalOutput(events: readonly Event[]): unknown {
  const returned = events.findLast(({ output }) => output !== undefined);
  if (returned !== undefined) return returned.output;
  const answer = events.findLast((event) => !event.partial && isFinalResponse(event));
  const texts = (answer?.content?.parts ?? []).filter(({ thought }) => thought !== true);
  return texts.map(({ text }) => text ?? "").join("");
}
