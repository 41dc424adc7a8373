import { END, type LangGraphRunnableConfig, START, StateGraph } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

/** A node that calls a graph and fails once: its second try has to have the graph run anew. */
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
    const flaky = async (_state: typeof Lines.State, config: LangGraphRunnableConfig) => {
      const { lines } = await inner.invoke({});
      if (config.executionInfo?.nodeAttempt === 1) throw new Error("not good enough");
      return { lines };
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
