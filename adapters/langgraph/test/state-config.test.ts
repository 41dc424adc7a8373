// What the config of a run is good for, for apps of every kind, and what it refuses.
import { Runtime } from "@holdfast/core";
import { type MemoryDatabase, memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { HumanMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  Annotation,
  Command,
  END,
  entrypoint,
  interrupt,
  MemorySaver,
  START,
  StateGraph,
  task,
} from "@langchain/langgraph";
import { createAgent } from "langchain";
import { afterEach, beforeEach, expect, test } from "vitest";
import "../src/index.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import { plain } from "./scenarios/plain.ts";
import { rounds } from "./scenarios/rounds.ts";

let database: MemoryDatabase;
let runtimes: Runtime[];
let said: string[];
let runtime: Runtime;
beforeEach(() => {
  database = memoryDatabase();
  runtimes = [];
  said = [];
  runtime = process();
});
afterEach(() => Promise.all(runtimes.map((each) => each.close({ grace: 0 }))));

/** A runtime of its own on the same database: what another process is. */
function process(): Runtime {
  const say = (message: string) => void said.push(message);
  const logger = { debug: say, info: say, warn: say, error: say };
  const made = new Runtime({ store: openMemoryStore(database), hotPeriod: 0, logger });
  runtimes.push(made);
  return made;
}

const durable = { runId: "r" };
const thread = { configurable: { thread_id: "t" } };

/** A checkpointer that lasts. */
class LastingSaver extends MemorySaver {}

const inner = new StateGraph(Lines)
  .addNode("look", async () => ({ lines: ["looked"] }))
  .addNode("ask", async ({ number }) => ({ lines: [`${number} ${interrupt("Go on?")}`] }))
  .addEdge(START, "look")
  .addEdge("look", "ask")
  .addEdge("ask", END)
  .compile();

const asking = (checkpointer?: MemorySaver | false) =>
  new StateGraph(Lines)
    .addNode("first", async () => ({ lines: ["first"] }))
    .addNode("inner", inner)
    .addNode("last", async ({ lines }) => ({ lines: [`after ${lines.at(-1)}`] }))
    .addEdge(START, "first")
    .addEdge("first", "inner")
    .addEdge("inner", "last")
    .addEdge("last", END)
    .compile(checkpointer === undefined ? {} : { checkpointer });

test.each([
  ["at once", false],
  ["after it was looked at again", true],
])(
  "a graph in a node that is updated is what a run goes on with, answered %s",
  async (_, again) => {
    const bare = asking(new MemorySaver());
    await bare.invoke({}, thread);
    const bareState = await innerConfig(bare, thread);
    await bare.updateState(bareState, { number: 7 });
    const expected = await bare.invoke(new Command({ resume: "yes" }), thread);

    const app = asking();
    await runtime.run(app, {}, { durable });
    const nested = await innerConfig(app, await process().config(app, "r"));
    const updated = await inner.updateState(nested, { number: 7 });
    expect((await inner.getState(updated)).values).toMatchObject({ number: 7 });
    const handle = process().handle("r");
    const waits = await handle.waits();
    if (again) await process().run(app, {}, { durable });
    expect(await handle.waits()).toEqual(waits);
    await handle.respond(undefined, "yes");
    expect(await process().run(app, {}, { durable })).toEqual(expected);
    expect(expected.lines).toContain("7 yes");
  },
);

test("an update of a graph in a node as a node that it does not have is refused", async () => {
  const app = asking();
  await runtime.run(app, {}, { durable });
  const nested = await innerConfig(app, await runtime.config(app, "r"));
  await expect(app.updateState(nested, { lines: ["lost"] }, "first")).rejects.toMatchObject({
    code: "OPTION_INVALID",
    message: expect.stringContaining('as node "first"'),
  });
});

test("an update before the newest checkpoint is refused, and one at the newest is not", async () => {
  const app = asking(new MemorySaver());
  await runtime.run(app, {}, { ...thread, durable });
  const config = await process().config(app, "r");
  const states = [];
  for await (const state of app.getStateHistory(config)) states.push(state);
  const [newest, before] = states;
  const fork = app.updateState(before!.config, { lines: ["elsewhere"] });
  await expect(fork).rejects.toMatchObject({ code: "OPTION_INVALID" });
  const copy = app.updateState(newest!.config, null, "__copy__");
  await expect(copy).rejects.toMatchObject({ code: "OPTION_INVALID" });
  expect((await app.getState(before!.config)).values).toEqual(before!.values);

  const at = await app.updateState(newest!.config, { lines: ["here"] }, "first");
  expect((await app.getState(at)).values.lines).toEqual(["first", "here"]);
  const stale = app.updateState(newest!.config, { lines: ["too late"] }, "first");
  await expect(stale).rejects.toMatchObject({ code: "OPTION_INVALID" });
});

test("an app that is called with the config itself is refused, before anything runs", async () => {
  const ran: string[] = [];
  const app = new StateGraph(Lines)
    .addNode("look", async () => ({ lines: [String(ran.push("look"))] }))
    .addEdge(START, "look")
    .compile();
  await runtime.run(app, {}, { durable });
  const config = await runtime.config(app, "r");
  for (const call of [
    () => app.invoke({}, config),
    () => app.invoke(null, config),
    async () => {
      for await (const _ of await app.stream({}, config)) ran.push("streamed");
    },
  ]) {
    await expect(call()).rejects.toMatchObject({ code: "OPTION_INVALID" });
  }
  expect(ran).toEqual(["look"]);
});

test("the next run of a thread can be given the config as its options, and be taken up anywhere", async () => {
  const app = asking(new MemorySaver());
  await runtime.run(app, {}, { ...thread, durable });
  const config = await process().config(app, "r");
  await process().run(app, new Command({ resume: "yes" }) as never, config);
  await process().run(app, { lines: ["again"] }, { ...config, durable: { runId: "r 2" } });
  const { values } = await app.getState(await process().config(app, "r 2"));
  expect(values.lines).toContain("again");
  expect(said.filter((message) => message.includes("cannot be stored"))).toEqual([]);
});

test("a functional app's state is read, from outside and from one run to the next", async () => {
  const count = task("count", async (words: string[]) => words.length);
  const build = () =>
    entrypoint({ name: "words", checkpointer: new MemorySaver() }, async (words: string[]) => {
      const counted = await count(words);
      return [counted, interrupt("Enough?")];
    });
  const bare = build();
  const app = build();
  await bare.invoke(["a", "b"], thread);
  await runtime.run(app, ["a", "b"], { ...thread, durable });
  const config = await process().config(app, "r");
  const tell = async (of: typeof app, by: RunnableConfig) => {
    const { values, next, tasks } = await of.getState(by);
    const asked = tasks.map(({ name, interrupts }) => [name, interrupts.map(({ value }) => value)]);
    return plain([values, next, asked]);
  };
  expect(await tell(app, config)).toEqual(await tell(bare, thread));
  await bare.invoke(new Command({ resume: "yes" }), thread);
  await process().run(app, new Command({ resume: "yes" }) as never, { ...thread, durable });
  expect(await tell(app, config)).toEqual(await tell(bare, thread));
});

test("an agent's state is read and updated through its graph", async () => {
  const quiet = async () => {};
  const agent = createAgent({
    model: new FakeModel(quiet, rounds(["search"])),
    tools: [fakeTool(quiet, "search")],
  });
  const output = await runtime.run(agent, { messages: [new HumanMessage("go")] }, { durable });
  const config = await process().config(agent, "r");
  const { values } = await agent.graph.getState(config);
  expect(plain(values.messages)).toEqual(plain(output.messages));
  await agent.graph.updateState(config, { messages: [new HumanMessage("by hand")] });
  const updated = await agent.graph.getState(config);
  expect(updated.values.messages.at(-1)?.text).toBe("by hand");
});

test("what somebody put into a checkpointer that lasts is seen, and an update follows it and is there too", async () => {
  const app = asking(new LastingSaver());
  await runtime.run(app, {}, { ...thread, durable });
  await app.updateState(thread, { lines: ["through theirs"] }, "first");
  const config = await process().config(app, "r");
  expect((await app.getState(config)).values.lines).toEqual(["first", "through theirs"]);
  await app.updateState(config, { lines: ["through ours"] }, "first");
  const lines = ["first", "through theirs", "through ours"];
  expect((await app.getState(config)).values.lines).toEqual(lines);
  expect((await app.getState(thread)).values.lines).toEqual(lines);
  const output = await process().run(app, new Command({ resume: "yes" }) as never, thread);
  expect(output.lines.slice(0, 3)).toEqual(lines);
});

test("branches see the options of the run, the stored ones and those made anew", async () => {
  const State = Annotation.Root({ seen: Annotation<string[]> });
  const seen: unknown[] = [];
  const app = new StateGraph(State)
    .addNode("ask", async () => ({ seen: [String(interrupt("?"))] }))
    .addNode("act", async () => ({}))
    .addEdge(START, "ask")
    .addConditionalEdges("ask", (_, { configurable = {} }: RunnableConfig) => {
      seen.push([configurable.tenant, typeof configurable.lookUp]);
      return "act";
    })
    .compile();
  const configurable = { tenant: "acme", lookUp: () => 1 };
  const options = () => ({ configurable: { lookUp: () => 2 } });
  const name = { durable: { ...durable, name: "asking" } };
  await runtime.run(app, {}, { configurable, ...name });

  await app.updateState(await runtime.config(app, "r", name), { seen: [] }, "ask");
  const worker = await runtime.serve({ asking: { app, options } });
  await app.updateState(await runtime.config(app, "r"), { seen: [] }, "ask");
  const given = { ...name, ...options() };
  await app.updateState(await process().config(app, "r", given), { seen: [] }, "ask");
  await worker.drain();
  expect(seen).toEqual([
    ["acme", "undefined"],
    ["acme", "function"],
    ["acme", "function"],
  ]);
});

test("a run that is not there, another app's, and apps without state are refused", async () => {
  const app = asking();
  const code = (expected: string) => expect.objectContaining({ code: expected });
  await expect(runtime.config(app, "nobody")).rejects.toEqual(code("RUN_NOT_FOUND"));
  const named = { durable: { ...durable, name: "mine" } };
  await runtime.run(app, {}, named);
  await expect(runtime.config(app, "r")).rejects.toEqual(code("INPUT_MISMATCH"));
  expect((await app.getState(await runtime.config(app, "r", named))).next).toEqual(["inner"]);

  const program = async () => "done";
  await runtime.run(program, undefined, { durable: { runId: "function" } });
  await expect(runtime.config(program, "function")).rejects.toEqual(code("APP_HAS_NO_STATE"));
  const kept = new StateGraph(Lines)
    .addNode("look", async () => ({ lines: ["looked"] }))
    .addEdge(START, "look")
    .compile({ checkpointer: false });
  await runtime.run(kept, {}, { durable: { runId: "kept" } });
  await expect(runtime.config(kept, "kept")).rejects.toEqual(code("APP_HAS_NO_STATE"));
});

/** Of the graph in the node that waits. */
async function innerConfig(
  app: ReturnType<typeof asking>,
  config: RunnableConfig,
): Promise<RunnableConfig> {
  const { tasks } = await app.getState(config, { subgraphs: true });
  const { state } = tasks[0]!;
  if (state === undefined || !("config" in state)) throw new Error("no graph waits");
  return state.config;
}
