import { END, type LangGraphRunnableConfig, START, StateGraph } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

/**
 * A node with a retry policy whose plain code fails twice after a model and a tool call. Each attempt
 * asks the same, and has to get an answer of its own.
 */
export const nodeRetry: Scenario = {
  name: "node-retry",
  build: (effect) => {
    const model = new FakeModel(effect, () => "a sample");
    const search = fakeTool(effect, "search");
    const flaky = async (_state: typeof Lines.State, config: LangGraphRunnableConfig) => {
      const { text } = await model.invoke("sample");
      const found = await search.invoke({ q: text });
      const attempt = config.executionInfo?.nodeAttempt ?? 0;
      if (attempt < 3) throw new Error(`attempt ${attempt} is not good enough`);
      return { lines: [`${found} at attempt ${attempt}`] };
    };
    const app = new StateGraph(Lines)
      .addNode("flaky", flaky, {
        retryPolicy: { maxAttempts: 3, initialInterval: 5, jitter: false, logWarning: false },
      })
      .addEdge(START, "flaky")
      .addEdge("flaky", END)
      .compile();
    return { app, input: {} };
  },
};
