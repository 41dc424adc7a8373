import { HumanMessage } from "@langchain/core/messages";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { rounds } from "./rounds.ts";
import type { Scenario } from "./scenario.ts";

/** The prebuilt ReAct agent, version 1: all tools of a round are called in one task. */
export const reactAgentV1: Scenario = {
  name: "react-agent-v1",
  build: (effect) => ({
    app: createReactAgent({
      llm: new FakeModel(effect, rounds(["weather", "news", "news"], ["weather"])),
      tools: [fakeTool(effect, "weather"), fakeTool(effect, "news")],
      version: "v1",
    }),
    input: { messages: [new HumanMessage("What is going on?")] },
  }),
};
