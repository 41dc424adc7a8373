import { HumanMessage } from "@langchain/core/messages";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { rounds } from "./rounds.ts";
import type { Scenario } from "./scenario.ts";

/** The prebuilt ReAct agent, version 2: two tools in parallel, then one of them again. */
export const reactAgent: Scenario = {
  name: "react-agent",
  build: (effect) => ({
    app: createReactAgent({
      llm: new FakeModel(effect, rounds(["weather", "news"], ["weather"])),
      tools: [fakeTool(effect, "weather"), fakeTool(effect, "news")],
      version: "v2",
    }),
    input: { messages: [new HumanMessage("What is going on?")] },
  }),
};
