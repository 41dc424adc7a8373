import { HumanMessage } from "@langchain/core/messages";
import { createAgent } from "langchain";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { rounds } from "./rounds.ts";
import type { Scenario } from "./scenario.ts";

/** LangChain's agent: three calls in parallel, two of them of one tool, then a second round. */
export const langchainAgent: Scenario = {
  name: "create-agent",
  build: (effect) => ({
    app: createAgent({
      model: new FakeModel(effect, rounds(["weather", "news", "news"], ["weather"])),
      tools: [fakeTool(effect, "weather"), fakeTool(effect, "news")],
    }),
    input: { messages: [new HumanMessage("What is going on?")] },
  }),
};
