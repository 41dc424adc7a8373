import { END, START, StateGraph } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

/**
 * Three chains of model, tool and model side by side in one node. How they interleave is up to the
 * latency of their effects; what they say is not.
 */
export const parallelChains: Scenario = {
  name: "parallel-chains",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `heard ${messages.at(-1)?.text}`);
    const search = fakeTool(effect, "search");
    const chain = async (topic: string) => {
      const { text } = await model.invoke(topic);
      const found = await search.invoke({ q: text });
      return (await model.invoke(found)).text;
    };
    const app = new StateGraph(Lines)
      .addNode("chains", async () => ({
        lines: await Promise.all(["amber", "birch", "cedar"].map(chain)),
      }))
      .addEdge(START, "chains")
      .addEdge("chains", END)
      .compile();
    return { app, input: {} };
  },
};
