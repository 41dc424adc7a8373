import { LlmAgent, type NodeContext, NodeTool, node } from "@google/adk";
import { z } from "zod";
import { FakeLlm, responses } from "./fake-llm.ts";
import type { Scenario } from "./scenario.ts";

/** A node of a workflow used as a tool. */
export const nodeTool: Scenario = {
  name: "node-tool",
  build: (effect) => {
    const look = async (context: NodeContext, input: unknown) => {
      await effect("node: look");
      context.state.set("looked", true);
      return { saw: input };
    };
    const schema = z.object({ what: z.string() });
    const tool = new NodeTool(node(look, { name: "look", inputSchema: schema }));
    const app = new LlmAgent({
      name: "watcher",
      model: new FakeLlm(effect, "watcher", (request) => {
        const seen = responses(request, "look");
        return seen.length === 0
          ? [{ name: "look", args: { what: "sea" } }]
          : `saw ${JSON.stringify(seen)}`;
      }),
      tools: [tool],
    });
    return { app, input: "Watch." };
  },
};
