// Calls that cannot be recorded are said on the run, with what to do; and outside of any run everything
// is as LangChain alone has it.
import { Embeddings } from "@langchain/core/embeddings";
import { type RunnableConfig, RunnableLambda } from "@langchain/core/runnables";
import { END, START, StateGraph } from "@langchain/langgraph";
import { beforeEach, expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { durable, inNode, processes } from "./processes.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { scenarios } from "./scenarios/index.ts";
import { Lines } from "./scenarios/lines.ts";
import { runBare } from "./scenarios/run-bare.ts";
import { calledByQueue, queue, unseen } from "./unseen.ts";

const { next, reported, steps } = processes();
let effects: string[];
beforeEach(() => {
  effects = [];
});
const effect = async (name: string) => void effects.push(name);

test("a model that a queue from outside calls is reported, once", async () => {
  const outside = queue();
  const app = calledByQueue(effect, outside);
  const { lines } = await next().run(app, {}, { durable });
  outside.close();
  expect(lines).toEqual(["answer", "search found c", "search found seen"]);
  expect(await reported("escaped")).toEqual([
    expect.stringMatching(/^FakeModel was called from outside the run: .* step\(\)/),
    expect.stringMatching(/^DynamicStructuredTool "search" was called from outside the run: /),
  ]);
});

test("calls that are not seen are made again, and the others are not, wherever the process is killed", async () => {
  const report = await everyPoint(unseen, { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

test("a model whose effect is not where a class has it is reported", async () => {
  const model = new FakeModel(effect, () => "answer");
  const generate = model._generate.bind(model);
  model._generate = (messages) => generate(messages);
  await next().run(
    inNode(() => model.invoke("a")),
    {},
    { durable },
  );
  expect(await reported("escaped")).toEqual([
    expect.stringMatching(/^FakeModel: its _generate is not /),
  ]);
});

test("embeddings that are used directly are reported, unless they were made durable", async () => {
  class Calling extends Embeddings {
    constructor() {
      super({});
    }
    embedQuery(text: string) {
      return this.caller.call(async () => [text.length]);
    }
    embedDocuments(texts: string[]) {
      return Promise.all(texts.map((text) => this.embedQuery(text)));
    }
  }
  await next().run(
    inNode(() => new Calling().embedDocuments(["a", "b"])),
    {},
    { durable },
  );
  expect(await reported("escaped")).toEqual([
    expect.stringMatching(
      /^A call of a LangChain integration in \/node:1 .* durableEmbeddings\(\)/,
    ),
  ]);
  expect(await steps()).toEqual([]);
});

test("what is recorded is not reported", async () => {
  const model = new FakeModel(effect, () => "answer");
  const search = fakeTool(effect, "search");
  const node = async (_state: typeof Lines.State, config: RunnableConfig) => {
    const { text } = await model.invoke("a", config);
    await model.batch(["b", "c"]);
    await RunnableLambda.from((q: string) => model.invoke(q)).batch(["d", "e"]);
    return { lines: [text, await search.invoke({ q: "b" }, config)] };
  };
  const graph = new StateGraph(Lines).addNode("node", node);
  await next().run(graph.addEdge(START, "node").addEdge("node", END).compile(), {}, { durable });
  expect(await reported("escaped")).toEqual([]);
});

test("outside a run nothing is recorded, beside a run that goes on", async () => {
  const model = new FakeModel(effect, () => "answer");
  const { promise: open, resolve } = Promise.withResolvers<void>();
  const running = next().run(
    inNode(async () => {
      await model.invoke("inside");
      await open;
    }),
    {},
    { durable },
  );
  await expect.poll(() => effects).toHaveLength(1);
  for (const scenario of scenarios) await runBare(scenario, effect);
  await model.invoke("outside");
  resolve();
  await running;
  expect(await steps()).toEqual(["model FakeModel in /node:1"]);
  expect(await reported("escaped")).toEqual([]);
});
