import { HumanMessage, isToolMessage } from "@langchain/core/messages";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { createSupervisor } from "@langchain/langgraph-supervisor";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Effect, Scenario } from "./scenario.ts";

/** A supervisor that hands over to two agents in turn by tools that return a `Command`. */
export const supervisor: Scenario = {
  name: "supervisor",
  build: (effect) => {
    const llm = new FakeModel(effect, (messages) => {
      const back = messages.filter(
        (message) => isToolMessage(message) && /transferred back/i.test(message.text),
      ).length;
      const next = ["researcher", "writer"][back];
      if (next === undefined) return "both are done";
      return [{ name: `transfer_to_${next}`, args: {}, id: `supervisor_${back}` }];
    });
    const agents = [worker(effect, "researcher"), worker(effect, "writer")];
    const app = createSupervisor({ agents, llm }).compile();
    return { app, input: { messages: [new HumanMessage("Write about kelp.")] } };
  },
};

function worker(effect: Effect, name: string) {
  const id = `${name}_0`;
  const llm = new FakeModel(effect, (messages) =>
    messages.some((message) => isToolMessage(message) && message.tool_call_id === id)
      ? `the ${name} is done`
      : [{ name: "search", args: { q: name }, id }],
  );
  return createReactAgent({ name, llm, tools: [fakeTool(effect, "search")] });
}
