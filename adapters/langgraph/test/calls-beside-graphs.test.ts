// A functional task and a graph that are called beside each other in one node have nothing to do with each
// other: that one of them goes on takes nothing of the other from the record.
import { END, START, StateGraph, task } from "@langchain/langgraph";
import { expect, test } from "vitest";
import type { DurableApp } from "./crash-scenario.ts";
import { durable, processes } from "./processes.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import type { Effect } from "./scenarios/scenario.ts";

const { next, die } = processes();

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A graph races with a call in a node, some supersteps later; in the call the process stays where it is. */
function racing(effect: Effect, stepsBefore: number, stay: () => Promise<void>): DurableApp {
  const look = fakeTool(effect, "look");
  const graph = new StateGraph(Lines)
    .addNode("a", async () => ({ lines: [await look.invoke({ q: "a" })] }))
    .addNode("b", async () => ({ lines: [await look.invoke({ q: "b" })] }))
    .addNode("c", async () => ({ lines: [await look.invoke({ q: "c" })] }))
    .addEdge(START, "a")
    .addEdge("a", "b")
    .addEdge("b", "c")
    .addEdge("c", END)
    .compile();
  const race = async () => {
    const { promise: called, resolve } = Promise.withResolvers<string>();
    const slow = task("slow", async () => {
      await look.invoke({ q: "slowly" });
      resolve("the call");
      await stay();
    });
    const ofGraph = graph.invoke({}).then(() => "the graph");
    const ofCall = slow();
    const winner = await Promise.race([ofGraph, called]);
    await fakeTool(effect, "pay").invoke({ q: `for ${winner}` });
    await ofCall;
    return { lines: [winner] };
  };
  const wait = ({ number }: typeof Lines.State) => ({ number: number + 1 });
  return new StateGraph(Lines)
    .addNode("wait", wait)
    .addNode("race", race)
    .addEdge(START, "wait")
    .addConditionalEdges("wait", ({ number }) => (number < stepsBefore ? "wait" : "race"))
    .addEdge("race", END)
    .compile();
}

test.each([1, 4])("in superstep %i the same is first as before", async (stepsBefore) => {
  const effects: string[] = [];
  const effect = async (name: string) => {
    effects.push(name);
    await after(name.endsWith("slowly") ? 150 : 5);
  };
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const stay = async () => {
    resolve();
    await new Promise(() => {});
  };
  next()
    .run(racing(effect, stepsBefore, stay), {}, { durable })
    .catch(() => {});
  await reached;
  expect(effects.splice(0)).toContain("tool: pay for the graph");
  die();
  const output = await next().run(
    racing(effect, stepsBefore, async () => {}),
    {},
    { durable },
  );
  expect(output).toMatchObject({ lines: ["the graph"] });
  expect(effects).toEqual([]);
});
