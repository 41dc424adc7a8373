// What is a step, wherever it is called, and what passes straight through.
import { createRequire } from "node:module";
import type { Runtime } from "@holdfast/core";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { END, START, StateGraph } from "@langchain/langgraph";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { beforeEach, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  type Scenario as CrashScenario,
  everyPoint,
  inMemory,
} from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { durable, processes } from "./processes.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import { rounds } from "./scenarios/rounds.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** A runtime of its own on the same database: what another process is. */
const { next: process } = processes();
/** What happened outside, in all processes. */
let effects: string[];
beforeEach(() => {
  effects = [];
});

const effect = async (name: string) => void effects.push(name);

/** A graph of one node. */
function graphOf(node: (state: typeof Lines.State) => Promise<{ lines: string[] }>) {
  const graph = new StateGraph(Lines).addNode("node", node);
  return graph.addEdge(START, "node").addEdge("node", END).compile();
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

async function stepsOf(runtime: Runtime): Promise<readonly string[]> {
  const steps = await runtime.handle("r").steps();
  return steps.map(({ kind, name, scope }) => `${kind} ${name} in ${scope}`);
}

async function expectClean(scenario: CrashScenario): Promise<void> {
  const report = await everyPoint(scenario, { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
}

test("messages that a node passes on are the same ones after a crash, whatever their ids", async () => {
  const talk = (effect: Effect) => {
    const model = new FakeModel(effect, (messages) => `answer to ${messages.length} messages`);
    return graphOf(async () => {
      const conversation: BaseMessage[] = [new HumanMessage("hello")];
      const lines: string[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        const answer = await model.invoke(conversation);
        conversation.push(answer, new HumanMessage(`after ${answer.text}`));
        lines.push(answer.text);
      }
      return { lines };
    });
  };
  await expectClean({
    name: "talk",
    run: ({ runtime, runId, effect }) =>
      // With a callback, LangChain gives each answer an id of its own.
      runtime.run(talk(effect), {}, { callbacks: [{ handleLLMEnd() {} }], durable: { runId } }),
  });
});

test("a stream is told in the same pieces after a crash, also to callbacks", async () => {
  const poem = (effect: Effect) => {
    const model = new FakeModel(effect, () => "one two three");
    const search = fakeTool(effect, "search");
    return graphOf(async () => {
      const lines: string[] = [];
      const handleLLMNewToken = (token: string) => void lines.push(`<${token}>`);
      const handler = BaseCallbackHandler.fromMethods({ handleLLMNewToken });
      const callbacks = [Object.assign(handler, { lc_prefer_streaming: true })];
      for await (const chunk of await model.stream("a poem", { callbacks })) lines.push(chunk.text);
      lines.push((await model.invoke("another poem", { callbacks })).text);
      for await (const chunk of await model.stream("left early")) {
        lines.push(chunk.text);
        break;
      }
      return { lines: [lines.toSorted().join("|"), await search.invoke({ q: "it" })] };
    });
  };
  const { lines } = await process().run(poem(effect), {});
  expect(lines[0]).toContain("<one >|<one >|");
  await expectClean({
    name: "poem",
    run: ({ runtime, runId, effect }) => runtime.run(poem(effect), {}, { durable: { runId } }),
  });
});

test("what a model does inside is part of its one step", async () => {
  const inner = new FakeModel(effect, () => "inner answer");
  const outer = new FakeModel(
    async (name) => {
      await effect(name);
      await inner.invoke("delegated");
    },
    () => "outer answer",
  );
  const runtime = process();
  await runtime.run(
    graphOf(async () => ({ lines: [(await outer.invoke("x")).text] })),
    {},
    { durable },
  );
  expect(effects).toHaveLength(2);
  expect(await stepsOf(runtime)).toEqual(["model FakeModel in /node:1"]);
});

test("what a tool does inside are steps of their own, in it", async () => {
  const model = new FakeModel(effect, () => "advice");
  const ask = tool(async () => (await model.invoke("x")).text, {
    name: "ask",
    description: "Asks.",
    schema: z.object({}),
  });
  const runtime = process();
  await runtime.run(
    graphOf(async () => ({ lines: [await ask.invoke({})] })),
    {},
    { durable },
  );
  expect(await stepsOf(runtime)).toEqual([
    "tool ask in /node:1",
    expect.stringMatching(/^model FakeModel in \/node:1\/ask@\d+$/),
  ]);
});

test("a tool that yields events returns what it returns at its end", async () => {
  const slow = tool(
    async function* () {
      yield "half";
      return "whole";
    },
    { name: "slow", description: "Takes a while.", schema: z.object({}) },
  );
  const app = graphOf(async () => ({ lines: [String(await slow.invoke({}))] }));
  expect((await process().run(app, {})).lines).toEqual(["whole"]);
});

test("models and tools are steps in plain functions too", async () => {
  const model = new FakeModel(effect, () => "answer");
  const search = fakeTool(effect, "search");
  const app = async (q: string) => search.invoke({ q: (await model.invoke(q)).text });
  const runtime = process();
  expect(await runtime.run(app, "x", { durable })).toBe("search found answer");
  expect(await stepsOf(runtime)).toEqual(["model FakeModel in ", "tool search in "]);
});

test("graphs of one run keep what is theirs apart", async () => {
  await expectClean({
    name: "parts",
    async run({ runtime, runId, effect }) {
      const twice = (name: string) => {
        const search = fakeTool(effect, name);
        return new StateGraph(Lines)
          .addNode("one", async ({ number }) => ({
            lines: [await search.invoke({ q: `1${number}` })],
          }))
          .addNode("two", async ({ number }) => ({
            lines: [await search.invoke({ q: `2${number}` })],
          }))
          .addEdge(START, "one")
          .addEdge("one", "two")
          .addEdge("two", END)
          .compile();
      };
      const [first, second] = [twice("first"), twice("second")];
      const app = async (number: number) => {
        const a = await runtime.run(first, { number });
        const b = await runtime.run(first, { number: number + 1 });
        const [c, d] = await Promise.all([
          runtime.run(second, { number }, { durable: { runId: "c" } }),
          runtime.run(first, { number: number + 2 }, { durable: { runId: "d" } }),
        ]);
        return [a, b, c, d].flatMap(({ lines }) => lines);
      };
      return runtime.run(app, 1, { durable: { runId } });
    },
  });
});

test("an app made with require() is durable as well", async () => {
  const require = createRequire(import.meta.url);
  const langgraph = require("@langchain/langgraph") as typeof import("@langchain/langgraph");
  const tools = require("@langchain/core/tools") as typeof import("@langchain/core/tools");
  expect(langgraph.StateGraph).not.toBe(StateGraph);
  const search = tools.tool(async ({ q }: { q: string }) => `found ${q}`, {
    name: "search",
    description: "Looks up.",
    schema: z.object({ q: z.string() }),
  });
  const app = new langgraph.StateGraph(Lines)
    .addNode("node", async () => ({ lines: [String(await search.invoke({ q: "x" }))] }))
    .addEdge(langgraph.START, "node")
    .addEdge("node", langgraph.END)
    .compile();
  const runtime = process();
  expect(await runtime.run(app as unknown as DurableApp, {}, { durable })).toMatchObject({
    lines: ["found x"],
  });
  expect(await stepsOf(runtime)).toEqual(["tool search in /node:1"]);
});

test("the input stays as it was, so that it finds its run again", async () => {
  const agent = () =>
    createReactAgent({
      llm: new FakeModel(effect, rounds(["look"])),
      tools: [fakeTool(effect, "look")],
    });
  const input = { messages: [new HumanMessage("go")] };
  const before = JSON.stringify(input);
  const { messages } = await process().run(agent(), input, { durable });
  expect(JSON.stringify(input)).toBe(before);
  const again = await process().run(agent(), input, { durable });
  expect(asJson(again.messages)).toEqual(asJson(messages));
  expect(effects).toHaveLength(3);
});

test("outside a run everything is as without Holdfast", async () => {
  const model = new FakeModel(effect, () => "answer");
  const app = graphOf(async () => ({ lines: [(await model.invoke("x")).text] }));
  expect((await app.invoke({})).lines).toEqual(["answer"]);
  expect((await app.invoke({})).lines).toEqual(["answer"]);
  expect(effects).toHaveLength(2);
  expect(app.checkpointer).toBeUndefined();
});

test("a run has the types of the app's own invoke", async () => {
  const app = graphOf(async ({ number }) => ({ lines: [String(number)] }));
  const output = await process().run(app, { number: 7 }, { recursionLimit: 10 });
  expectTypeOf(output.lines).toEqualTypeOf<string[]>();
  // @ts-expect-error: the graph has no such channel.
  const refused = () => process().run(app, { numbers: 7 });
  expect(output.lines).toEqual(["7"]);
  expect(refused).toBeTypeOf("function");
});
