import { LlmAgent, SequentialAgent } from "@google/adk";
import { FakeLlm, responses } from "./fake-llm.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Effect, Scenario } from "./scenario.ts";

/** A tool that fails, which its model is told; then a model that fails, which is an event. */
export const failures: Scenario = {
  name: "failures",
  build: (effect) => {
    const broken = async (name: string) => {
      await effect(name);
      if (name.startsWith("tool: break")) throw new RangeError("It is broken.");
      if (name.startsWith("model: busy")) {
        throw new Error(JSON.stringify({ error: { code: 503, message: "Too busy." } }));
      }
    };
    const trying = new LlmAgent({
      name: "trying",
      model: new FakeLlm(broken, "trying", (request) => {
        const [answer] = responses(request, "break");
        return answer === undefined
          ? [{ name: "break", args: { q: "it" } }]
          : `was told ${JSON.stringify(answer)}`;
      }),
      tools: [fakeTool(broken, "break")],
    });
    const app = new SequentialAgent({ name: "failing", subAgents: [trying, busy(broken)] });
    return { app, input: "Try." };
  },
};

function busy(effect: Effect): LlmAgent {
  return new LlmAgent({ name: "busy", model: new FakeLlm(effect, "busy", () => "never said") });
}
