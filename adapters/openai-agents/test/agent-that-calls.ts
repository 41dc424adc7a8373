import { Agent } from "@openai/agents";
import { type Answer, FakeModel, results } from "./scenarios/fake-model.ts";
import type { Effect, Notes } from "./scenarios/scenario.ts";

/** An agent that makes these calls in its first turn, and then says what came of them. */
export function agentThatCalls(
  effect: Effect,
  calls: Answer,
  tools: Agent<Notes>["tools"],
): Agent<Notes> {
  const model = new FakeModel(effect, "clerk", (request) => {
    const seen = results(request);
    return seen.size === 0 ? calls : JSON.stringify([...seen.values()]);
  });
  return new Agent<Notes>({ name: "Clerk", model, tools });
}
