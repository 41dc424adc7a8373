import { LlmAgent, SequentialAgent } from "@google/adk";
import { FakeLlm, responses } from "./fake-llm.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Effect, Scenario } from "./scenario.ts";

/** A tool that fails, which its model is told. */
export const toolFailure: Scenario = {
  name: "tool-failure",
  build: (effect) => ({ app: trying(breaking(effect)), input: "Try." }),
};

/** The second of three agents has a model that fails: with ADK that is an event. */
export const modelFailure: Scenario = {
  name: "model-failure",
  build: (effect) => {
    const broken = breaking(effect);
    const says = (name: string) =>
      new LlmAgent({ name, model: new FakeLlm(broken, name, () => `${name} is done`) });
    const app = new SequentialAgent({
      name: "failing",
      subAgents: [trying(broken), says("busy"), says("third")],
    });
    return { app, input: "Try." };
  },
  unlikeBare: "The run fails with what the model threw; with ADK the third agent goes on.",
};

/** Fails after the effect, where it is broken. */
function breaking(effect: Effect): Effect {
  return async (name) => {
    await effect(name);
    if (name.startsWith("tool: break")) throw new RangeError("It is broken.");
    if (name.startsWith("model: busy")) {
      throw new Error(JSON.stringify({ error: { code: 503, message: "Too busy." } }));
    }
  };
}

function trying(effect: Effect): LlmAgent {
  return new LlmAgent({
    name: "trying",
    model: new FakeLlm(effect, "trying", (request) => {
      const [answer] = responses(request, "break");
      return answer === undefined
        ? [{ name: "break", args: { q: "it" } }]
        : `was told ${JSON.stringify(answer)}`;
    }),
    tools: [fakeTool(effect, "break")],
  });
}
