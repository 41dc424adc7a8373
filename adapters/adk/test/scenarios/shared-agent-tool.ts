import { AgentTool, LlmAgent, type LlmRequest, ParallelAgent } from "@google/adk";
import { FakeLlm, responses } from "./fake-llm.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Effect, Scenario } from "./scenario.ts";

/** One agent as the tool of two others that run side by side. */
export const sharedAgentTool: Scenario = {
  name: "shared-agent-tool",
  build: (effect) => {
    const inner = new LlmAgent({
      name: "inner",
      description: "Answers.",
      // Its session is one, whoever asks: what it is told depends on who came first.
      includeContents: "none",
      model: new FakeLlm(
        effect,
        "inner",
        (request) => {
          const [seen] = responses(request, "search");
          return seen === undefined ? [{ name: "search", args: { q: asked(request) } }] : "found";
        },
        (request) => `${asked(request)} ${request.contents.length}`,
      ),
      tools: [fakeTool(effect, "search")],
    });
    const tool = new AgentTool({ agent: inner });
    const subAgents = ["left", "right"].map((name) => asking(effect, name, tool));
    return { app: new ParallelAgent({ name: "both", subAgents }), input: "Ask." };
  },
  racing: true,
};

function asked({ contents }: LlmRequest): string {
  return contents[0]?.parts?.[0]?.text ?? "";
}

function asking(effect: Effect, name: string, tool: AgentTool): LlmAgent {
  return new LlmAgent({
    name,
    model: new FakeLlm(effect, name, (request) => {
      const [heard] = responses(request, "inner");
      return heard === undefined
        ? [{ name: "inner", args: { request: `asks ${name}` } }]
        : `${name} heard ${JSON.stringify(heard)}`;
    }),
    tools: [tool],
  });
}
