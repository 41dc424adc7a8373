import { END, Send, START, StateGraph } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

/** A plan, then three workers by `Send`: each makes two calls like its siblings and one of its own. */
export const sendFanOut: Scenario = {
  name: "send-fan-out",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `heard ${messages.at(-1)?.text}`);
    const search = fakeTool(effect, "search");
    const plan = async () => ({ lines: [(await model.invoke("plan")).text] });
    const work = async ({ number }: typeof Lines.State) => {
      const { text } = await model.invoke("the same for all");
      const shared = await search.invoke({ q: "the same for all" });
      const own = await search.invoke({ q: `item ${number}` });
      return { lines: [`${number}: ${text}, ${shared}, ${own}`] };
    };
    const app = new StateGraph(Lines)
      .addNode("plan", plan)
      .addNode("work", work)
      .addEdge(START, "plan")
      .addConditionalEdges("plan", () => [1, 2, 3].map((number) => new Send("work", { number })))
      .addEdge("work", END)
      .compile();
    return { app, input: {} };
  },
};
