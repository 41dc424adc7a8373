import {
  type BaseMessage,
  HumanMessage,
  isHumanMessage,
  isToolMessage,
} from "@langchain/core/messages";
import { createDeepAgent } from "deepagents";
import { type Answer, FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Scenario } from "./scenario.ts";

/** A deep agent that writes a file into its state and hands a part of the work to a sub-agent. */
export const deepAgent: Scenario = {
  name: "deep-agent",
  build: (effect) => ({
    app: createDeepAgent({
      model: new FakeModel(effect, answer),
      tools: [fakeTool(effect, "search")],
    }),
    input: { messages: [new HumanMessage("Look into kelp.")] },
  }),
};

function answer(messages: readonly BaseMessage[]): Answer {
  const results = messages.filter(isToolMessage).length;
  const isSubAgent = messages.some((message) => isHumanMessage(message) && message.text === "part");
  if (isSubAgent) {
    return results === 0 ? [{ name: "search", args: { q: "part" }, id: "part_0" }] : "part done";
  }
  const file = { file_path: "/kelp.txt", content: "holdfast" };
  if (results === 0) return [{ name: "write_file", args: file, id: "call_0" }];
  const task = { description: "part", subagent_type: "general-purpose" };
  if (results === 1) return [{ name: "task", args: task, id: "call_1" }];
  return "all done";
}
