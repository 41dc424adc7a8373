// What a graph is made of, as people are shown it.
import { Runtime } from "@holdfast/core";
import type { AppStructure } from "@holdfast/core/adapter";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { END, entrypoint, START, StateGraph } from "@langchain/langgraph";
import { createAgent } from "langchain";
import { expect, test } from "vitest";
import "../src/index.ts";
import { langGraphAdapter } from "../src/adapter.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import { rounds } from "./scenarios/rounds.ts";

const quiet = async () => {};
const node = async () => ({});
const describe = async (app: unknown): Promise<AppStructure> => langGraphAdapter.describe!(app);

const research = new StateGraph(Lines)
  .addNode("search", node)
  .addNode("read", node)
  .addEdge(START, "search")
  .addEdge("search", "read")
  .addEdge("read", END)
  .compile({ interruptBefore: ["read"] });
const support = new StateGraph(Lines)
  .addNode("triage", node)
  .addNode("research", research)
  .addNode("subgraph", node)
  .addEdge(START, "triage")
  .addConditionalEdges("triage", () => "yes", { yes: "research", no: END })
  .addEdge("research", "subgraph")
  .compile({ interruptAfter: ["triage"] });

test("a graph is told with the graphs in it, its branches and where it stops", async () => {
  const within = "research";
  expect(await describe(support)).toEqual({
    nodes: [
      { id: "__start__", name: "__start__", kind: "start" },
      { id: "triage", name: "triage", kind: "node", stops: ["after"] },
      { id: "research", name: "research", kind: "graph" },
      { id: "research/__start__", name: "__start__", kind: "start", within },
      { id: "research/search", name: "search", kind: "node", within },
      { id: "research/read", name: "read", kind: "node", within, stops: ["before"] },
      { id: "research/__end__", name: "__end__", kind: "end", within },
      { id: "subgraph", name: "subgraph", kind: "node" },
      { id: "__end__", name: "__end__", kind: "end" },
    ],
    edges: expect.arrayContaining([
      { from: "__start__", to: "triage" },
      { from: "triage", to: "research", conditional: true, label: "yes" },
      { from: "triage", to: "__end__", conditional: true, label: "no" },
      { from: "research", to: "subgraph" },
      { from: "subgraph", to: "__end__" },
      { from: "research/__start__", to: "research/search" },
      { from: "research/search", to: "research/read" },
      { from: "research/read", to: "research/__end__" },
    ]),
  });
});

test("an agent is told with its tools, a functional app by its name", async () => {
  const agent = createAgent({
    model: new FakeModel(quiet, rounds(["search"])),
    tools: [fakeTool(quiet, "search"), fakeTool(quiet, "refund")],
  });
  const { nodes, edges } = await describe(agent);
  expect(nodes.map(({ id, kind }) => [id, kind])).toEqual([
    ["__start__", "start"],
    ["model_request", "node"],
    ["tools", "node"],
    ["tools/search", "tool"],
    ["tools/refund", "tool"],
    ["__end__", "end"],
  ]);
  const ids = new Set(nodes.map(({ id }) => id));
  expect(edges.flatMap(({ from, to }) => [from, to]).filter((id) => !ids.has(id))).toEqual([]);

  const words = entrypoint("words", async (text: string) => text.split(" "));
  expect(await describe(words)).toEqual({
    nodes: [{ id: "words", name: "words", kind: "node" }],
    edges: [],
  });
});

test("what is deployed or served is announced with what it is made of", async () => {
  const store = openMemoryStore(memoryDatabase());
  const runtime = new Runtime({ store });
  const program = async () => "done";
  await runtime.deploy({ support, program });
  const [first, second] = await store.apps("default");
  expect(first).toEqual(expect.not.objectContaining({ structure: expect.anything() }));
  expect(second).toMatchObject({ name: "support", framework: "langgraph" });
  expect(JSON.parse(second!.structure!)).toEqual(await describe(support));
  await runtime.close();
});
