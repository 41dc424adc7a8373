import { type NodeContext, node, Workflow } from "@google/adk";
import { oneToolAgent } from "./one-tool-agent.ts";
import type { Scenario } from "./scenario.ts";

/** A list whose items are worked on by two workers at once, then by a tool, then by an agent. */
export const workers: Scenario = {
  name: "workers",
  build: (effect) => {
    const split = async () => {
      await effect("node: split");
      return ["a", "b", "c", "d"];
    };
    const work = async (_context: NodeContext, input: unknown) => {
      await effect(`node: work ${input}`);
      return `${input}!`;
    };
    const collect = async (_context: NodeContext, input: unknown) => ({ q: String(input) });
    const [tool] = oneToolAgent(effect, "used").tools;
    const app = new Workflow({
      name: "workers",
      edges: [
        [
          "START",
          split,
          node(work, { parallelWorker: true, maxParallelWorkers: 2 }),
          collect,
          node(tool as Parameters<typeof node>[0]),
          oneToolAgent(effect, "closing"),
        ],
      ],
    });
    return { app, input: "Go." };
  },
  racing: true,
};
