import type { BaseMessage } from "@langchain/core/messages";
import { StringOutputParser } from "@langchain/core/output_parsers";
import type { StreamEvent } from "@langchain/core/tracers/log_stream";
import { Command, END, START, StateGraph, type StreamMode } from "@langchain/langgraph";
import { ChatOpenAI } from "@langchain/openai";
import type { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { openAIServer } from "../../../conformance/src/http/index.ts";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { durable, processes } from "./processes.ts";
import { langchainAgent } from "./scenarios/create-agent.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { functional } from "./scenarios/functional.ts";
import { graphCycle } from "./scenarios/graph-cycle.ts";
import { scenarios } from "./scenarios/index.ts";
import { interruptInNode } from "./scenarios/interrupt-in-node.ts";
import { Lines } from "./scenarios/lines.ts";
import { nestedSubgraphs } from "./scenarios/nested-subgraphs.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { sendFanOut } from "./scenarios/send-fan-out.ts";
import { type BareApp, bare, type Form, turnsOf } from "./streamed.ts";
import { inAnyOrder, plainChunk, readAll } from "./told.ts";

const { next, die } = processes();
const quiet = async () => {};
const ALL: StreamMode[] = [
  ...["values", "updates", "messages", "custom"],
  ...["debug", "tasks", "checkpoints", "tools"],
] as StreamMode[];
const all = { streamMode: ALL, subgraphs: true };

function durably(scenario: Scenario, form: Form) {
  const runtime = next();
  return turnsOf(scenario, (app, input, options) =>
    runtime.stream(app as DurableApp, input, {
      ...options,
      ...form,
      durable: { runId: scenario.name },
    }),
  );
}

test.each(scenarios)("$name: all that LangGraph alone tells, in all modes", async (scenario) => {
  const expected = await bare(scenario, all);
  const told = await durably(scenario, all);
  expect(told.map(inAnyOrder)).toEqual(expected.map(inAnyOrder));
});

const someScenarios = [langchainAgent, nestedSubgraphs, functional, sendFanOut, interruptInNode];
describe.each(someScenarios)("$name", (scenario) => {
  test.each<Form>([
    { version: "v2" },
    { version: "v3" },
    { ...all, encoding: "text/event-stream" },
  ])("$version $encoding: all that LangGraph alone tells", async (form) => {
    const expected = await bare(scenario, form);
    const told = await durably(scenario, form);
    expect(told.map(inAnyOrder)).toEqual(expected.map(inAnyOrder));
  });
});

test.each<Form>([
  { version: "v2", streamMode: "values", subgraphs: true },
  { version: "v3", encoding: "text/event-stream" },
])("%j: all that LangGraph alone tells", async (form) => {
  const expected = await bare(graphCycle, form);
  expect((await durably(graphCycle, form)).map(inAnyOrder)).toEqual(expected.map(inAnyOrder));
});

test("events are encoded as LangChain encodes them: LangGraph's own fails at that", async () => {
  const { app, input } = graphCycle.build(quiet);
  const form = { version: "v2", encoding: "text/event-stream" } as const;
  const told = await readAll(next().stream(app as DurableApp, input, form));
  const [events] = await bare(graphCycle, { version: "v2" });
  const named = (all: readonly unknown[]) =>
    all.map((event) => `${(event as StreamEvent).event} ${(event as StreamEvent).name}`).toSorted();
  expect(told.at(-1)).toEqual(["event: end\n\n", null]);
  const encoded = told.slice(0, -1) as [event: string, data: unknown][];
  expect(named(encoded.map(([, event]) => event))).toEqual(named(events!));
});

test.each<Form>([
  {},
  ...ALL.map((streamMode) => ({ streamMode })),
  { streamMode: ["updates", "values"] },
  { streamMode: "values", subgraphs: true },
  { streamMode: ["messages"], subgraphs: true },
  { streamMode: "updates", encoding: "text/event-stream" },
  { streamMode: ["tasks", "values"], encoding: "text/event-stream" },
])("%j: chunk for chunk, one after the other", async (form) => {
  expect(await durably(graphCycle, form)).toEqual(await bare(graphCycle, form));
  expect(await durably(interruptInNode, form)).toEqual(await bare(interruptInNode, form));
});

test("a stream ends with the question, and so does each that asks again; the answer's goes on", async () => {
  const app = () => interruptInNode.build(quiet);
  const options = { ...app().options, durable, streamMode: "updates" } as const;
  const open = (input: unknown) => readAll(next().stream(app().app as DurableApp, input, options));
  const [asks, asksNext, ends] = await bare(interruptInNode, { streamMode: "updates" });
  expect(await open({})).toEqual(asks);
  die();
  expect(await open({})).toEqual(asks);
  expect(await open(new Command({ resume: "yes" }))).toEqual(asksNext);
  die();
  expect(await open(new Command({ resume: "everyone" }))).toEqual(ends);
});

test("a stream that waits for the end tells of every turn", async () => {
  const { app, input, options } = interruptInNode.build(quiet);
  const runtime = next();
  const told: unknown[] = [];
  const stream = runtime.stream(app as DurableApp, input, {
    ...options,
    streamMode: "values",
    durable: { runId: "r", until: "end" },
  });
  const answers = ["yes", "everyone"];
  for await (const chunk of stream) {
    told.push(plainChunk(chunk));
    if (!JSON.stringify(chunk).includes("__interrupt__")) continue;
    const isAsked = async () => (await runtime.handle("r").waits()).length;
    await expect.poll(isAsked).toBe(1);
    const [wait] = await runtime.handle("r").waits();
    await runtime.handle("r").respond(wait!.id, answers.shift());
  }
  expect(told).toEqual((await bare(interruptInNode, { streamMode: "values" })).flat());
});

test("a stream of a run that waits at a breakpoint tells that it does", async () => {
  const app = graphCycle.build(quiet).app as DurableApp;
  const options = { interruptBefore: ["turn"], streamMode: "updates", durable } as const;
  const open = () => readAll(next().stream(app, {}, options));
  const expected = [{ __interrupt__: [] }];
  expect(await open()).toEqual(expected);
  die();
  expect(await open()).toEqual(expected);
});

test("leaving a stream, or cancelling it, leaves the run alone", async () => {
  const { app, input } = graphCycle.build(quiet);
  const runtime = next();
  for await (const _ of runtime.stream(app as DurableApp, input, { durable })) break;
  const other = { runId: "other" };
  const stream = await runtime.stream(app as DurableApp, input, { durable: other });
  await (stream as unknown as ReadableStream).cancel();
  for (const runId of ["r", "other"]) {
    const output = (await runtime.handle(runId).result()) as typeof Lines.State;
    expect(output.number).toBe(3);
  }
});

test.each<Form>([
  {},
  { streamMode: "tasks" },
  { streamMode: ["custom"], subgraphs: true },
  { version: "v2" },
])("%j: what a graph comes to is what it comes to when it is not streamed", async (form) => {
  for (const scenario of [graphCycle, langchainAgent, functional, nestedSubgraphs]) {
    const { app, input } = scenario.build(quiet);
    const own = { durable: { runId: scenario.name } };
    const runtime = next();
    await readAll(runtime.stream(app as DurableApp, input, { ...form, ...own }));
    const output = await runtime.run(app as DurableApp, input, own);
    const bareOutput = await (scenario.build(quiet).app as DurableApp).invoke(input);
    expect(plainChunk(output)).toEqual(plainChunk(bareOutput));
  }
});

test("a graph that keeps nothing, because its user says so, is streamed as any other", async () => {
  const scenario: Scenario = {
    name: "keeps-nothing",
    build: () => {
      const one = async () => ({ number: 1 });
      const graph = new StateGraph(Lines).addNode("one", one).addEdge(START, "one");
      return { app: graph.addEdge("one", END).compile({ checkpointer: false }), input: {} };
    },
  };
  expect(await durably(scenario, all)).toEqual(await bare(scenario, all));
  expect(await next().handle(scenario.name).result()).toEqual({ lines: [], number: 1 });
});

test("a run is not streamed by `run`, whatever the options say of streams", async () => {
  const { app, input } = graphCycle.build(quiet);
  const options = { streamMode: "updates", subgraphs: true, durable } as const;
  const output = await next().run(app as DurableApp, input, options);
  expect(output).toEqual(await (app as DurableApp).invoke(input));
});

describe("what goes wrong", () => {
  const failing = () => {
    const fail = async () => {
      throw new RangeError("too far");
    };
    const graph = new StateGraph(Lines).addNode("one", async () => ({ number: 1 }));
    const rest = graph.addNode("fail", fail).addEdge(START, "one").addEdge("one", "fail");
    return rest.addEdge("fail", END).compile();
  };

  async function untilItFails(stream: unknown): Promise<readonly unknown[]> {
    const told: unknown[] = [];
    try {
      for await (const chunk of (await stream) as AsyncIterable<unknown>)
        told.push(plainChunk(chunk));
      return [...told, "ended"];
    } catch (error) {
      return [...told, String(error)];
    }
  }

  test.each<Form>([
    { streamMode: "updates" },
    { streamMode: "updates", encoding: "text/event-stream" },
    { version: "v2" },
    { version: "v3" },
  ])("%j: is told as LangGraph tells it", async (form) => {
    const app = failing() as BareApp;
    const expected = await untilItFails(
      form.version ? app.streamEvents({}, form) : app.stream({}, form),
    );
    const options = { ...form, durable };
    const told = await untilItFails(next().stream(failing(), {}, options));
    expect(told.at(-1)).toEqual(expected.at(-1));
    expect(JSON.stringify(told)).toContain("too far");
    // What LangGraph alone has not handed out yet when it fails, is lost.
    expect(inAnyOrder(told)).toEqual(expect.arrayContaining([...inAnyOrder(expected)]));
  });
});

test("of version 3, messages, tool calls and the output are what an agent's own stream gives", async () => {
  const app = () => langchainAgent.build(quiet).app as ReturnType<typeof createAgent>;
  const input = () => langchainAgent.build(quiet).input as { messages: BaseMessage[] };
  const given = { version: "v3" } as const;
  const open = () => next().stream(app(), input(), { ...given, durable });
  const own = await app().streamEvents(input(), given);
  const stream = await open();
  for (const run of [own, stream]) {
    const texts: string[] = [];
    for await (const message of run.messages) texts.push(await message.text);
    expect(texts.at(-1)).toBe("concluded after 4 tools");
    const calls: string[] = [];
    for await (const call of run.toolCalls) calls.push(call.name);
    expect(calls.toSorted()).toEqual(["news", "news", "weather", "weather"]);
  }
  const output = plainChunk(await own.output);
  expect(plainChunk(await stream.output)).toEqual(output);
  // Of a run that is over, too.
  expect(plainChunk(await (await open()).output)).toEqual(output);
});

test("tokens of OpenAI's client are told as they come, and again without asking", async () => {
  const server = await openAIServer();
  const configuration = { baseURL: server.url };
  const model = new ChatOpenAI({ model: "gpt-test", apiKey: "none", configuration });
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  let isFirst = true;
  const ask = async () => {
    const { text } = await model.invoke("hi there you");
    resolve();
    if (isFirst) await new Promise(() => {});
    return { lines: [text] };
  };
  const graph = new StateGraph(Lines).addNode("ask", ask).addEdge(START, "ask").addEdge("ask", END);
  const app = graph.compile();
  const tokens = async (stream: AsyncIterable<[{ readonly text: string }, object]>) => {
    const told: string[] = [];
    for await (const [{ text }] of stream) if (text !== "") told.push(text);
    return told;
  };
  const options = { streamMode: "messages", durable } as const;
  const first: string[] = [];
  const cut = (async () => {
    for await (const [{ text }] of next().stream(app, {}, options))
      if (text !== "") first.push(text);
  })();
  cut.catch(() => {});
  await reached;
  const asked = server.requests.length;
  die();
  isFirst = false;
  const again = await tokens(next().stream(app, {}, options));
  expect(again.length).toBeGreaterThan(2);
  expect(again).toEqual(first);
  expect(server.requests.length).toBe(asked);
  expect(await tokens(await app.stream({}, { streamMode: "messages" }))).toEqual(again);
  await server.close();
});

test("a chain and a model stream what their own streams do, and come to the whole", async () => {
  const model = () => new FakeModel(quiet, () => "one two three");
  const chain = () => model().pipe(new StringOutputParser());
  const words = ["one ", "two ", "three"];
  expect(await readAll(next().stream(chain(), "go", { durable }))).toEqual(words);
  expect(await next().run(chain(), "go", { durable })).toBe("one two three");
  const own = { runId: "model" };
  const expected = await readAll(model().stream("go"));
  expect(await readAll(next().stream(model(), "go", { durable: own }))).toEqual(expected);
  expect((await next().run(model(), "go", { durable: own })).text).toBe("one two three");
  const events = { runId: "events" };
  const given = { version: "v2" } as const;
  const told = await readAll(next().stream(chain(), "go", { ...given, durable: events }));
  expect(inAnyOrder(told)).toEqual(inAnyOrder(await readAll(chain().streamEvents("go", given))));
  expect(await next().run(chain(), "go", { durable: events })).toBe("one two three");
  const protocol = next().stream(chain(), "go", { version: "v3" } as never);
  await expect(readAll(protocol)).rejects.toMatchObject({ code: "OPTION_INVALID" });
});
