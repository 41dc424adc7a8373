import { type BaseMessage, isToolMessage } from "@langchain/core/messages";
import type { Answer } from "./fake-model.ts";

/**
 * The answers of an agent's model that calls its tools in rounds, each round in parallel, and then
 * concludes. Which round it is follows from how many tool results it is shown.
 */
export function rounds(
  ...plan: readonly (readonly string[])[]
): (messages: readonly BaseMessage[]) => Answer {
  return (messages) => {
    const seen = messages.filter(isToolMessage).length;
    let first = 0;
    for (const names of plan) {
      if (first === seen) {
        return names.map((name, index) => {
          const id = `call_${first + index}`;
          return { name, args: { q: `${name}${first + index}` }, id };
        });
      }
      first += names.length;
    }
    return `concluded after ${seen} tools`;
  };
}
