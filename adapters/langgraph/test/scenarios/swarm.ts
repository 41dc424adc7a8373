import { HumanMessage, isToolMessage } from "@langchain/core/messages";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { createHandoffTool, createSwarm } from "@langchain/langgraph-swarm";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Scenario } from "./scenario.ts";

/** Two peers, one of which hands the conversation to the other with `Command.PARENT`. */
export const swarm: Scenario = {
  name: "swarm",
  build: (effect) => {
    const greeter = createReactAgent({
      name: "greeter",
      llm: new FakeModel(effect, () => [{ name: "transfer_to_expert", args: {}, id: "handoff" }]),
      tools: [createHandoffTool({ agentName: "expert" })],
    });
    const expert = createReactAgent({
      name: "expert",
      llm: new FakeModel(effect, (messages) =>
        messages.filter(isToolMessage).length > 1
          ? "the expert is done"
          : [{ name: "search", args: { q: "kelp" }, id: "expert_0" }],
      ),
      tools: [fakeTool(effect, "search")],
    });
    const app = createSwarm({ agents: [greeter, expert], defaultActiveAgent: "greeter" }).compile();
    return { app, input: { messages: [new HumanMessage("Who knows about kelp?")] } };
  },
};
