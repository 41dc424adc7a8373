import { type NodeContext, Workflow } from "@google/adk";
import { oneToolAgent } from "./one-tool-agent.ts";
import type { Scenario } from "./scenario.ts";

/** A workflow of a function, an agent and a function, each given what the one before it returned. */
export const workflow: Scenario = {
  name: "workflow",
  build: (effect) => {
    async function prepare(context: NodeContext, input: unknown) {
      await effect("node: prepare");
      context.state.set("prepared", true);
      return `prepared ${text(input)}`;
    }
    async function conclude(_context: NodeContext, input: unknown) {
      await effect("node: conclude");
      return `concluded ${text(input)}`;
    }
    const agent = oneToolAgent(effect, "middle");
    const app = new Workflow({
      name: "workflow",
      edges: [
        ["START", prepare],
        [prepare, agent],
        [agent, conclude],
      ],
    });
    return { app, input: "Go." };
  },
};

function text(input: unknown): string {
  return typeof input === "string" ? input : JSON.stringify(input);
}
