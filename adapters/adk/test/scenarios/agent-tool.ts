import { AgentTool, LlmAgent } from "@google/adk";
import { FakeLlm, responses } from "./fake-llm.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Scenario } from "./scenario.ts";

/**
 * An agent used as a tool, twice in turn. Its inner session is kept between the two, so that its second
 * call sees the first.
 */
export const agentTool: Scenario = {
  name: "agent-tool",
  build: (effect) => {
    const inner = new LlmAgent({
      name: "inner",
      description: "Answers questions.",
      model: new FakeLlm(effect, "inner", (request) => {
        const asked = request.contents.at(-1)?.parts?.[0]?.text;
        return asked === undefined
          ? `answered with ${request.contents.length} before it`
          : [{ name: "search", args: { q: asked } }];
      }),
      tools: [fakeTool(effect, "search")],
    });
    const app = new LlmAgent({
      name: "outer",
      model: new FakeLlm(effect, "outer", (request) => {
        const answers = responses(request, "inner");
        return answers.length < 2
          ? [{ name: "inner", args: { request: `question ${answers.length}` } }]
          : `heard ${JSON.stringify(answers)}`;
      }),
      tools: [new AgentTool({ agent: inner })],
    });
    return { app, input: "Ask twice." };
  },
};
