import { inspect } from "node:util";
import { Document } from "@langchain/core/documents";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Scenario } from "./scenario.ts";

const State = Annotation.Root({
  things: Annotation<Readonly<Record<string, unknown>>>,
  seen: Annotation<readonly string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
});

/**
 * A state of values that JSON has no words for, and does not refuse, each looked at closely by the nodes
 * that come later.
 */
export const values: Scenario = {
  name: "values",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `heard ${messages.at(-1)?.text.length}`);
    const search = fakeTool(effect, "search");
    const gather = async () => {
      const found = await search.invoke({ q: "things" });
      return {
        things: {
          date: new Date(0),
          map: new Map<unknown, unknown>([
            ["found", found],
            [{ n: 1 }, new Set([1, "two"])],
          ]),
          bytes: new Uint8Array([1, 2, 255]),
          document: new Document({ pageContent: found, metadata: { page: 3 } }),
          nothing: undefined,
          no: Number.NaN,
        },
      };
    };
    const look = async ({ things }: typeof State.State) => {
      const seen = inspect(things, { depth: 6, sorted: true });
      const { text } = await model.invoke(seen);
      return { seen: [seen, text] };
    };
    const lookAgain = async ({ things, seen }: typeof State.State) => {
      const found = await search.invoke({ q: `${seen.length}` });
      return { seen: [found, inspect(things, { depth: 6, sorted: true })] };
    };
    const only = async ({ seen }: typeof State.State) => ({ things: { count: seen.length } });
    const app = new StateGraph(State)
      .addNode("gather", gather)
      .addNode("look", look)
      .addNode("look again", lookAgain)
      .addNode("only", only)
      .addEdge(START, "gather")
      .addEdge("gather", "look")
      .addEdge("look", "look again")
      .addEdge("look again", "only")
      .addEdge("only", END)
      .compile();
    return { app, input: {} };
  },
};
