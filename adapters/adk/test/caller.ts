import { LlmAgent, type LlmAgentConfig } from "@google/adk";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** Calls each of its tools once, in order, and then says what they have answered. */
export function caller(
  effect: Effect,
  tools: LlmAgentConfig["tools"],
  names: readonly string[],
  callbacks: Pick<LlmAgentConfig, "beforeAgentCallback" | "beforeToolCallback"> = {},
  args: Readonly<Record<string, unknown>> = {},
): LlmAgent {
  return new LlmAgent({
    ...callbacks,
    name: "caller",
    model: new FakeLlm(effect, "caller", (request) => {
      const next = names.find((name) => responses(request, name).length === 0);
      return next === undefined
        ? JSON.stringify(names.map((name) => responses(request, name)[0]))
        : [{ name: next, args }];
    }),
    tools: tools ?? [],
  });
}
