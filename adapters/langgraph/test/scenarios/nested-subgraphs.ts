import { END, START, StateGraph } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

/** Graphs three deep: as a node of a node, and called by the code of a node of a node. */
export const nestedSubgraphs: Scenario = {
  name: "nested-subgraphs",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `heard ${messages.at(-1)?.text}`);
    const search = fakeTool(effect, "search");
    const innermost = new StateGraph(Lines)
      .addNode("ask", async () => ({ lines: [(await model.invoke("deep")).text] }))
      .addNode("look", async () => ({ lines: [await search.invoke({ q: "deep" })] }))
      .addEdge(START, "ask")
      .addEdge("ask", "look")
      .addEdge("look", END)
      .compile();
    const middle = new StateGraph(Lines)
      .addNode("below", innermost)
      .addNode("caller", async () => ({ lines: (await innermost.invoke({})).lines }))
      .addEdge(START, "below")
      .addEdge("below", "caller")
      .addEdge("caller", END)
      .compile();
    const app = new StateGraph(Lines)
      .addNode("first", middle)
      .addNode("second", async () => ({ lines: (await middle.invoke({})).lines }))
      .addEdge(START, "first")
      .addEdge(START, "second")
      .addEdge("first", END)
      .addEdge("second", END)
      .compile();
    return { app, input: {} };
  },
};
