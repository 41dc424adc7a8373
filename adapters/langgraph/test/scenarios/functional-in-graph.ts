import { END, entrypoint, START, StateGraph, task } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

/** A functional entrypoint with tasks, two of them at once, as a node of a graph and called by one. */
export const functionalInGraph: Scenario = {
  name: "functional-in-graph",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `heard ${messages.at(-1)?.text}`);
    const search = fakeTool(effect, "search");
    const research = task("research", async (topic: string) => {
      const { text } = await model.invoke(topic);
      return search.invoke({ q: text });
    });
    const report = entrypoint("report", async (state: typeof Lines.State) => {
      const topic = `topic ${state.number}`;
      const both = await Promise.all([research(topic), research(topic)]);
      return { lines: [...both, await research("more")] };
    });
    const app = new StateGraph(Lines)
      .addNode("declared", report)
      .addNode("caller", async () => report.invoke({ lines: [], number: 7 }))
      .addEdge(START, "declared")
      .addEdge("declared", "caller")
      .addEdge("caller", END)
      .compile();
    return { app, input: { number: 1 } };
  },
};
