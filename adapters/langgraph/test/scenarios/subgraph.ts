import { END, START, StateGraph } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

/**
 * One compiled graph three times in another, doing the same each time: as a node, and twice called
 * from the code of a node that runs beside it.
 */
export const subgraph: Scenario = {
  name: "subgraph",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `heard ${messages.at(-1)?.text}`);
    const search = fakeTool(effect, "search");
    const inner = new StateGraph(Lines)
      .addNode("ask", async () => ({ lines: [(await model.invoke("inner")).text] }))
      .addNode("look", async () => {
        const first = await search.invoke({ q: "one" });
        return { lines: [first, await search.invoke({ q: "two" })] };
      })
      .addEdge(START, "ask")
      .addEdge("ask", "look")
      .addEdge("look", END)
      .compile();
    const caller = async () => {
      const first = await inner.invoke({});
      const second = await inner.invoke({});
      return { lines: [...first.lines, ...second.lines] };
    };
    const app = new StateGraph(Lines)
      .addNode("declared", inner)
      .addNode("caller", caller)
      .addNode("join", async () => ({ lines: [(await model.invoke("join")).text] }))
      .addEdge(START, "declared")
      .addEdge(START, "caller")
      .addEdge(["declared", "caller"], "join")
      .addEdge("join", END)
      .compile();
    return { app, input: {} };
  },
};
