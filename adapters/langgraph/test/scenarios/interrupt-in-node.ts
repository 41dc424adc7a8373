import { END, interrupt, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

/**
 * A node that asks a person twice, with a model call before the first question and a tool between the
 * two. Bare LangGraph runs the node anew from its beginning at each answer.
 */
export const interruptInNode: Scenario = {
  name: "interrupt-in-node",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `draft of ${messages.at(-1)?.text}`);
    const search = fakeTool(effect, "search");
    const review = async () => {
      const { text } = await model.invoke("the report");
      const first: unknown = interrupt({ question: "Publish?", text });
      const found = await search.invoke({ q: `readers for ${first}` });
      const second: unknown = interrupt({ question: "To whom?", found });
      return { lines: [`${text}: ${first}, ${second}`] };
    };
    const app = new StateGraph(Lines)
      .addNode("review", review)
      .addEdge(START, "review")
      .addEdge("review", END)
      .compile({ checkpointer: new MemorySaver() });
    return { app, input: {}, options: { configurable: { thread_id: "reviews" } } };
  },
  answers: ["yes", "everyone"],
  repeated: [
    'model: human "the report" (1)',
    'model: human "the report" (1)',
    "tool: search readers for yes",
  ],
};
