import { Command, END, START, StateGraph } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

/** A node that fails, beside one that does not; its handler is told how, and goes elsewhere. */
export const errorHandler: Scenario = {
  name: "error-handler",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `advice on ${messages.at(-1)?.text}`);
    const search = fakeTool(effect, "search");
    const failing = async () => {
      const found = await search.invoke({ q: "too far" });
      throw new RangeError(`${found}, which is too much`);
    };
    const app = new StateGraph(Lines)
      .addNode("failing", failing, {
        errorHandler: async (_state, { node, error }) => {
          const { text } = await model.invoke(`${node}: ${error.name}: ${error.message}`);
          return new Command({ update: { lines: [text] }, goto: "mend" });
        },
        ends: ["mend"],
      })
      .addNode("beside", async () => ({ lines: [(await model.invoke("beside")).text] }))
      .addNode("mend", async ({ lines }) => ({
        lines: [await search.invoke({ q: `${lines.length}` })],
      }))
      .addEdge(START, "failing")
      .addEdge(START, "beside")
      .addEdge("beside", END)
      .addEdge("mend", END)
      .compile();
    return { app, input: {} };
  },
};
