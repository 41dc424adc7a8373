import { LlmAgent, ParallelAgent, SequentialAgent } from "@google/adk";
import { FakeLlm, instruction, responses, said } from "./fake-llm.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Effect, Scenario } from "./scenario.ts";

/**
 * Three agents side by side that all write one key of the state, then one that reads who came last, and
 * in which order they were heard.
 */
export const parallel: Scenario = {
  name: "parallel",
  build: (effect) => {
    const merge = new LlmAgent({
      name: "merge",
      instruction: "Last: {shared}",
      model: new FakeLlm(effect, "merge", (request) => {
        const order = said(request)
          .match(/\w+ was heard/g)
          ?.join(", ");
        return `${instruction(request)}; order: ${order}`;
      }),
    });
    const branches = ["one", "two", "three"].map((name) => branch(effect, name));
    const app = new SequentialAgent({
      name: "root",
      subAgents: [new ParallelAgent({ name: "parallel", subAgents: branches }), merge],
    });
    return { app, input: "Go." };
  },
  racing: true,
  chance: /\w+ was heard/g,
};

function branch(effect: Effect, name: string): LlmAgent {
  return new LlmAgent({
    name,
    model: new FakeLlm(effect, name, (request) =>
      responses(request, "look").length > 0
        ? `${name} was heard`
        : ["left", "right"].map((side) => ({ name: "look", args: { q: `${name} ${side}` } })),
    ),
    tools: [fakeTool(effect, "look")],
    outputKey: "shared",
  });
}
