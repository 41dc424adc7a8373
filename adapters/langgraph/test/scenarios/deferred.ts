import {
  Annotation,
  Command,
  END,
  type LangGraphRunnableConfig,
  Overwrite,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

const Settings = Annotation.Root({ tone: Annotation<string>, place: Annotation<string> });
type Config = LangGraphRunnableConfig<typeof Settings.State>;

/**
 * Branches of two lengths, chosen by a command, and a deferred node that waits for both and writes the
 * state anew. What they ask depends on the context and the config they are called with.
 */
export const deferred: Scenario = {
  name: "deferred",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `draft of ${messages.at(-1)?.text}`);
    const search = fakeTool(effect, "search");
    const plan = async () =>
      new Command({ update: { number: 1, lines: ["planned"] }, goto: ["short", "long"] });
    const short = async (_state: typeof Lines.State, { context }: Config) => ({
      lines: [(await model.invoke(`a ${context?.tone} note`)).text],
    });
    const long = async ({ number }: typeof Lines.State, { configurable }: Config) => ({
      lines: [await search.invoke({ q: `${configurable?.place} ${number}` })],
      number: number + 1,
    });
    const longer = async (_state: typeof Lines.State, { tags }: Config) => ({
      lines: [await search.invoke({ q: `by ${tags?.join()}` })],
    });
    const gather = async ({ lines, number }: typeof Lines.State) => {
      const { text } = await model.invoke(lines.toSorted().join());
      return { lines: new Overwrite([text, String(number)]) as unknown as string[] };
    };
    const app = new StateGraph(Lines, Settings)
      .addNode("plan", plan, { ends: ["short", "long"] })
      .addNode("short", short)
      .addNode("long", long)
      .addNode("longer", longer)
      .addNode("gather", gather, { defer: true })
      .addEdge(START, "plan")
      .addEdge("short", "gather")
      .addEdge("long", "longer")
      .addEdge("longer", "gather")
      .addEdge("gather", END)
      .compile();
    const options = {
      context: { tone: "kind" },
      configurable: { place: "reef" },
      tags: ["ana", "bo"],
      recursionLimit: 6,
      // With LangGraph alone, nothing would be left of what is cut short.
      durability: "exit",
    };
    return { app, input: {}, options };
  },
};
