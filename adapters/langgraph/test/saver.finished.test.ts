// What has finished is not run again when a graph goes on, its plain code included.
import { Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { END, entrypoint, interrupt, START, StateGraph, task } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** Runs it until it asks, and answers and goes on in other processes. Returns what it came to. */
async function askedOnce(build: () => ReturnType<typeof around>): Promise<unknown> {
  const database = memoryDatabase();
  const durable = { runId: "r" };
  const inProcess = async <T>(part: (runtime: Runtime) => Promise<T>): Promise<T> => {
    const runtime = new Runtime({ store: openMemoryStore(database), hotPeriod: 0 });
    return part(runtime).finally(() => runtime.close());
  };
  await inProcess((runtime) => runtime.run(build(), {}, { durable }));
  await inProcess((runtime) => runtime.handle("r").respond(undefined, "yes"));
  return plain(await inProcess((runtime) => runtime.run(build(), {}, { durable })));
}

const around = (node: () => Promise<{ lines: string[] }>) =>
  new StateGraph(Lines)
    .addNode("around", node)
    .addEdge(START, "around")
    .addEdge("around", END)
    .compile();

test("tasks of a functional graph in a graph", async () => {
  const ran: string[] = [];
  const note = task("note", async (what: string) => {
    ran.push(what);
    return what;
  });
  const inner = entrypoint("inner", async (_: string) => {
    const both = await Promise.all([note("a"), note("b")]);
    return [...both, String(interrupt("Go on?")), await note("c")];
  });
  const output = await askedOnce(() => around(async () => ({ lines: await inner.invoke("go") })));
  expect(output).toMatchObject({ lines: ["a", "b", "yes", "c"] });
  expect(ran).toEqual(["a", "b", "c"]);
});

test("nodes beside one that asks, in a graph in a graph", async () => {
  const ran: string[] = [];
  const inner = new StateGraph(Lines)
    .addNode("beside", async () => {
      ran.push("beside");
      return { lines: ["beside"] };
    })
    .addNode("asks", async () => ({ lines: [String(interrupt("Go on?"))] }))
    .addEdge(START, "beside")
    .addEdge(START, "asks")
    .addEdge("beside", END)
    .addEdge("asks", END)
    .compile();
  const output = await askedOnce(() =>
    around(async () => {
      const { lines } = await inner.invoke({});
      return { lines: lines.toSorted() };
    }),
  );
  expect(output).toMatchObject({ lines: ["beside", "yes"] });
  expect(ran).toEqual(["beside"]);
});

test("a graph that is told to keep nothing is run over its journal alone", async () => {
  const app = (effect: Effect) => {
    const look = fakeTool(effect, "look");
    return new StateGraph(Lines)
      .addNode("one", async () => ({ lines: [await look.invoke({ q: "one" })] }))
      .addNode("two", async ({ lines }) => ({ lines: [await look.invoke({ q: lines.join() })] }))
      .addEdge(START, "one")
      .addEdge("one", "two")
      .addEdge("two", END)
      .compile({ checkpointer: false });
  };
  const report = await everyPoint(
    {
      name: "nothing kept",
      run: async ({ runtime, runId, effect }) =>
        plain(await runtime.run(app(effect), {}, { durable: { runId } })),
    },
    { database: inMemory },
  );
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});
