import { END, type LangGraphRunnableConfig, START, StateGraph, task } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

/** A node that calls a graph and tasks and fails once: its second try has to have them run anew. */
export const retriedSubgraph: Scenario = {
  name: "retried-subgraph",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `heard ${messages.at(-1)?.text}`);
    const inner = new StateGraph(Lines)
      .addNode("draft", async () => ({ lines: [(await model.invoke("draft")).text] }))
      .addNode("review", async () => ({ lines: [(await model.invoke("review")).text] }))
      .addEdge(START, "draft")
      .addEdge("draft", "review")
      .addEdge("review", END)
      .compile();
    const search = task("search", async (q: string) => fakeTool(effect, "search").invoke({ q }));
    const flaky = async (_state: typeof Lines.State, config: LangGraphRunnableConfig) => {
      const nth = config.executionInfo?.nodeAttempt;
      const found = await search(`sources of try ${nth}`);
      const { lines } = await inner.invoke({});
      const checked = await search(`${lines.length} facts of try ${nth}`);
      if (nth === 1) throw new Error("not good enough");
      return { lines: [found, ...lines, checked] };
    };
    const app = new StateGraph(Lines)
      .addNode("flaky", flaky, {
        retryPolicy: { maxAttempts: 2, initialInterval: 5, jitter: false, logWarning: false },
      })
      .addEdge(START, "flaky")
      .addEdge("flaky", END)
      .compile();
    return { app, input: {} };
  },
};
