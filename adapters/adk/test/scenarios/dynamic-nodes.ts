import { type NodeContext, node, Workflow } from "@google/adk";
import { oneToolAgent } from "./one-tool-agent.ts";
import type { Scenario } from "./scenario.ts";

/** A function that runs other nodes itself: functions and an agent, side by side and in turn. */
export const dynamicNodes: Scenario = {
  name: "dynamic-nodes",
  build: (effect) => {
    const double = async (context: NodeContext, input: unknown) => {
      await effect(`node: double ${input}`);
      context.state.set(`doubled ${input}`, true);
      return Number(input) * 2;
    };
    const agent = oneToolAgent(effect, "helper");
    const orchestrate = async (context: NodeContext) => {
      const doubled = await Promise.all([1, 2, 3].map((n) => context.runNode(double, n)));
      const helped = await context.runNode(agent, "Help.");
      const last = await context.runNode(double, doubled.length + 1);
      return {
        doubled: doubled.map(({ output }) => output),
        helped: helped.output,
        last: last.output,
      };
    };
    const app = new Workflow({
      name: "dynamic",
      edges: [["START", node(orchestrate, { name: "orchestrate" })]],
    });
    return { app, input: "Go." };
  },
  racing: true,
};
