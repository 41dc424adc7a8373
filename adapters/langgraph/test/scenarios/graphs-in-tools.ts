import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  Annotation,
  END,
  messagesStateReducer,
  START,
  StateGraph,
  task,
} from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { z } from "zod";
import { fakeTool } from "./fake-tool.ts";
import { Lines } from "./lines.ts";
import type { Effect, Scenario } from "./scenario.ts";

const Conversation = Annotation.Root({
  messages: Annotation({ reducer: messagesStateReducer, default: () => [] }),
});

/** Tools that call a graph and a functional task: two of them at once, and beside calls of the node's own. */
export const graphsInTools: Scenario = {
  name: "graphs-in-tools",
  build: (effect) => {
    const { ask, toolOf } = parts(effect);
    const calls = ["one", "two"].map((name) => ({ name, args: { q: name }, id: name }));
    const app = new StateGraph(Conversation)
      .addNode("model", () => ({ messages: [new AIMessage({ content: "", tool_calls: calls })] }))
      .addNode("tools", new ToolNode(calls.map(({ name }) => toolOf(name))))
      .addNode("alone", async () => {
        const asked = [await toolOf("three").invoke({ q: "three" }), await ask("four")];
        return { messages: [new AIMessage({ id: "asked", content: asked.join("; ") })] };
      })
      .addEdge(START, "model")
      .addEdge("model", "tools")
      .addEdge("tools", "alone")
      .addEdge("alone", END)
      .compile();
    return { app, input: {} };
  },
};

function parts(effect: Effect) {
  const look = fakeTool(effect, "look");
  const search = fakeTool(effect, "search");
  const graph = new StateGraph(Lines)
    .addNode("first", async ({ lines }) => ({ lines: [await look.invoke({ q: `${lines[0]}` })] }))
    .addNode("second", async ({ lines }) => ({
      lines: [await search.invoke({ q: `${lines[0]}` })],
    }))
    .addEdge(START, "first")
    .addEdge("first", "second")
    .addEdge("second", END)
    .compile();
  const check = task("check", (q: string) => fakeTool(effect, "check").invoke({ q }));
  const ask = async (q: string) => {
    const { lines } = await graph.invoke({ lines: [q] });
    return [...lines, await check(q)].join(", ");
  };
  const toolOf = (name: string) =>
    tool(({ q }) => ask(q), {
      name,
      description: "Asks a graph.",
      schema: z.object({ q: z.string() }),
    });
  return { ask, toolOf };
}
