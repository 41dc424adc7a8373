import { END, START, StateGraph } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

/** A cycle of the graph whose every turn asks exactly the same: only their order tells them apart. */
export const graphCycle: Scenario = {
  name: "graph-cycle",
  build: (effect) => {
    const model = new FakeModel(effect, () => "the same answer");
    const search = fakeTool(effect, "search");
    const turn = async ({ number }: typeof Lines.State) => {
      const { text } = await model.invoke("the same prompt");
      return { number: number + 1, lines: [`${text}, ${await search.invoke({ q: "same" })}`] };
    };
    const app = new StateGraph(Lines)
      .addNode("turn", turn)
      .addEdge(START, "turn")
      .addConditionalEdges("turn", ({ number }) => (number < 3 ? "turn" : END))
      .compile();
    return { app, input: {} };
  },
};
