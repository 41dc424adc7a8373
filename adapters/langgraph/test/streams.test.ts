// What is streamed: what LangGraph alone tells; after a crash, from where the run had not come to.
import { type RunEvent, Runtime } from "@holdfast/core";
import type { BaseMessage } from "@langchain/core/messages";
import { StringOutputParser } from "@langchain/core/output_parsers";
import type { StreamEvent } from "@langchain/core/tracers/log_stream";
import {
  Command,
  END,
  type LangGraphRunnableConfig,
  MemorySaver,
  START,
  StateGraph,
  type StreamMode,
} from "@langchain/langgraph";
import { ChatOpenAI } from "@langchain/openai";
import type { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { inMemory, mortalStore } from "../../../conformance/src/crash/index.ts";
import { openAIServer } from "../../../conformance/src/http/index.ts";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { durable, processes } from "./processes.ts";
import { langchainAgent } from "./scenarios/create-agent.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { functional } from "./scenarios/functional.ts";
import { graphCycle } from "./scenarios/graph-cycle.ts";
import { scenarios } from "./scenarios/index.ts";
import { interruptInNode } from "./scenarios/interrupt-in-node.ts";
import { Lines } from "./scenarios/lines.ts";
import { nestedSubgraphs } from "./scenarios/nested-subgraphs.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { sendFanOut } from "./scenarios/send-fan-out.ts";
import { inAnyOrder, plainChunk, readAll } from "./told.ts";

const { next, die } = processes();
const quiet = async () => {};
const ALL: StreamMode[] = [
  ...["values", "updates", "messages", "custom"],
  ...["debug", "tasks", "checkpoints", "tools"],
] as StreamMode[];
const all = { streamMode: ALL, subgraphs: true };

interface Form {
  readonly streamMode?: StreamMode | StreamMode[];
  readonly subgraphs?: boolean;
  readonly encoding?: "text/event-stream";
  readonly version?: "v2" | "v3";
}

interface BareApp {
  stream(input: unknown, options: object): unknown;
  streamEvents(input: unknown, options: object): unknown;
}

/** What each turn of a scenario tells: of its input, then of each answer. */
async function turnsOf(
  { build, answers = [] }: Scenario,
  open: (app: unknown, input: unknown, options: object) => unknown,
): Promise<readonly (readonly unknown[])[]> {
  const { app, input, options = {} } = build(quiet);
  const turns: (readonly unknown[])[] = [];
  for (const given of [input, ...answers.map((resume) => new Command({ resume }))]) {
    turns.push(await readAll(open(app, given, options)));
  }
  return turns;
}

function bare(scenario: Scenario, form: Form) {
  return turnsOf(scenario, (app, input, options) => {
    const own = app as BareApp;
    const given = { ...options, ...form };
    return form.version === undefined ? own.stream(input, given) : own.streamEvents(input, given);
  });
}

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

/** One task after the other, some of them in a graph in a task. */
const oneByOne: Scenario = {
  name: "one-by-one",
  build: (effect) => {
    const model = new FakeModel(effect, (messages) => `heard ${messages.at(-1)?.text}`);
    const search = fakeTool(effect, "search");
    const inner = new StateGraph(Lines)
      .addNode("ask", async () => ({ lines: [(await model.invoke("inner")).text] }))
      .addNode("look", async () => ({ lines: [await search.invoke({ q: "inner" })], number: 1 }))
      .addEdge(START, "ask")
      .addEdge("ask", "look")
      .addEdge("look", END)
      .compile();
    const first = async (_: unknown, { writer }: LangGraphRunnableConfig) => {
      writer?.({ began: true });
      return { lines: [(await model.invoke("first")).text] };
    };
    const app = new StateGraph(Lines)
      .addNode("first", first)
      .addNode("inner", inner)
      .addNode("last", async () => ({ lines: [await search.invoke({ q: "last" })] }))
      .addEdge(START, "first")
      .addEdge("first", "inner")
      .addEdge("inner", "last")
      .addEdge("last", END)
      .compile({ checkpointer: new MemorySaver() });
    return { app, input: {}, options: { configurable: { thread_id: "t" } } };
  },
};

interface AcrossDeath {
  readonly isThrough: boolean;
  readonly before: readonly unknown[];
  readonly rest: readonly unknown[];
}

/** What is told until the process dies at a write, and what whoever attaches then is told. */
async function acrossDeath({ build }: Scenario, form: Form, write: number): Promise<AcrossDeath> {
  const database = inMemory();
  const real = await database.open();
  const store = mortalStore(real, { dieAt: { write, when: "after" } });
  const open = (runtime: Runtime) => {
    const { app, input, options } = build(quiet);
    return runtime.stream(app as DurableApp, input, { ...options, ...form, durable });
  };
  const before: unknown[] = [];
  const runtime = new Runtime({ store, hotPeriod: 0 });
  const done = (async () => {
    for await (const chunk of open(runtime)) before.push(plainChunk(chunk));
    return true;
  })();
  const isThrough = await Promise.race([done, store.life.died.then(() => false)]);
  if (isThrough) await runtime.close();
  else {
    await store.life.settled();
    await real.close();
    for (const worker of store.entered) await database.expire(worker);
  }
  const after = new Runtime({ store: await database.open(), hotPeriod: 0 });
  const rest = await readAll(open(after));
  await after.close();
  return { isThrough, before, rest };
}

test.each<{ readonly form: Form; readonly every: number }>([
  { form: { streamMode: ["values", "updates", "checkpoints"], subgraphs: true }, every: 1 },
  { form: { streamMode: ["values", "checkpoints"], encoding: "text/event-stream" }, every: 3 },
  { form: { streamMode: "values" }, every: 3 },
])(
  "$form: after a crash it goes on where the run does, and tells no state twice",
  async (given) => {
    const { form, every } = given;
    const [whole] = await bare(oneByOne, form);
    const lines = whole!.map(asLine);
    const begins = new Set<number>();
    for (let write = 2, isThrough = false; !isThrough; write += every) {
      const told = await acrossDeath(oneByOne, form, write);
      isThrough = told.isThrough;
      const [before, rest] = [told.before.map(asLine), told.rest.map(asLine)];
      begins.add(rest.length);
      expect(before).toEqual(lines.slice(0, before.length));
      expect(rest).toEqual(lines.slice(lines.length - rest.length));
      // If nothing was durable, it begins anew.
      if (rest.length === lines.length) continue;
      const isState = (line: string) => !/"updates"|"source":"input"/.test(line);
      const states = [...before, ...rest].filter(isState);
      expect(states.toSorted()).toEqual([...new Set(states)].toSorted());
    }
    expect(begins.size).toBeGreaterThan(3);
  },
);

test.each<Form>([
  { streamMode: ["debug", "messages", "tasks", "custom"], subgraphs: true },
  { version: "v2", streamMode: "updates" },
])("%j: after a crash it tells the tasks that were cut off, and those after them", async (form) => {
  const [whole] = await bare(oneByOne, form);
  const begins = new Set<number>();
  for (let write = 2, isThrough = false; !isThrough; write += 4) {
    const told = await acrossDeath(oneByOne, form, write);
    isThrough = told.isThrough;
    begins.add(told.rest.length);
    const ends = (all: readonly unknown[]) =>
      all.map(asLine).filter((line) => /"(result|on_chain_stream)"/.test(line));
    const rest = ends(told.rest);
    expect(rest).toEqual(ends(whole!).slice(ends(whole!).length - rest.length));
  }
  expect(begins.size).toBeGreaterThan(3);
});

/** A task whose result was there is marked as one that was not run. */
function asLine(chunk: unknown): string {
  return JSON.stringify(chunk, (key, value) => (key === "__metadata__" ? undefined : value));
}

/** Two nodes, of which the second hangs in the process it is in first. */
function hanging() {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  let isFirst = true;
  const hang = async () => {
    if (!isFirst) return;
    isFirst = false;
    resolve();
    await new Promise(() => {});
  };
  const search = fakeTool(quiet, "search");
  const app = new StateGraph(Lines)
    .addNode("one", async () => ({ lines: [await search.invoke({ q: "one" })] }))
    .addNode("two", async () => {
      const line = await search.invoke({ q: "two" });
      await hang();
      return { lines: [line] };
    })
    .addEdge(START, "one")
    .addEdge("one", "two")
    .addEdge("two", END)
    .compile();
  return { app, reached };
}

test("the events of a run go on at their cursor after a crash: none is missing, none comes twice", async () => {
  const { app, reached } = hanging();
  const first = next();
  const stream = readAll(first.stream(app, {}, { durable }));
  stream.catch(() => {});
  await reached;
  const seen: RunEvent[] = [];
  for await (const event of first.handle("r").events()) {
    seen.push(event);
    // The tool of the second node: after it, nothing happens in this process.
    if (seen.filter(({ type }) => type === "finished").length === 2) break;
  }
  die();
  const second = next();
  expect(await readAll(second.stream(app, {}, { durable }))).toEqual([
    { two: { lines: ["search found two"] } },
  ]);
  for await (const event of second.handle("r").events({ after: seen.at(-1)!.cursor })) {
    seen.push(event);
  }
  const all: RunEvent[] = [];
  for await (const event of next().handle("r").events()) all.push(event);
  expect(seen.map(({ cursor }) => cursor)).toEqual(all.map(({ cursor }) => cursor));
  expect(seen).toEqual(all);
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
