import { END, START, StateGraph } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

const ROUNDS = 6;

/** One node that asks a model and calls a tool in turn, six times, each fed by the one before. */
export const nodeLoop: Scenario = {
  name: "node-loop",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `next after ${messages.at(-1)?.text}`);
    const search = fakeTool(effect, "search");
    const research = async () => {
      const lines: string[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        const { text } = await model.invoke(`round ${round} of ${lines.length}`);
        lines.push(await search.invoke({ q: text }));
      }
      return { lines };
    };
    const app = new StateGraph(Lines)
      .addNode("research", research)
      .addEdge(START, "research")
      .addEdge("research", END)
      .compile();
    return { app, input: {} };
  },
};
