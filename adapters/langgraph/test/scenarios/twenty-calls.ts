import { END, START, StateGraph } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

/** One node that twenty times asks a model and does with a tool what it says. */
export const twentyCalls: Scenario = {
  name: "twenty-calls",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `do ${messages.at(-1)?.text}`);
    const act = fakeTool(effect, "act");
    const agent = async () => {
      const lines: string[] = [];
      for (let call = 1; call <= 20; call += 1) {
        const { text } = await model.invoke(`${call}`);
        lines.push(await act.invoke({ q: text }));
      }
      return { lines };
    };
    const app = new StateGraph(Lines)
      .addNode("agent", agent)
      .addEdge(START, "agent")
      .addEdge("agent", END)
      .compile();
    return { app, input: {} };
  },
};
