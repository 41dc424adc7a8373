// Runs on one thread, and runs on none, beside what LangGraph alone does.
import { Runtime } from "@holdfast/core";
import { type MemoryDatabase, memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import {
  Command,
  END,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { createAgent } from "langchain";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { plain } from "./scenarios/plain.ts";
import { type Chat, chat, onThread, says, twoTurns } from "./two-turns.ts";

let database: MemoryDatabase;
let runtimes: Runtime[];
beforeEach(() => {
  database = memoryDatabase();
  runtimes = [];
});
afterEach(() => Promise.all(runtimes.map((runtime) => runtime.close())));

/** A runtime of its own on the same database: what another process is. */
function process(): Runtime {
  const runtime = new Runtime({ store: openMemoryStore(database), hotPeriod: 0 });
  runtimes.push(runtime);
  return runtime;
}

/** A checkpointer that lasts: what an app has to have its threads read by others. */
class LastingSaver extends MemorySaver {}

const turns = ["one", "two", "three"];

describe.each([
  ["a checkpointer in memory", () => new MemorySaver()],
  ["a checkpointer that lasts", () => new LastingSaver()],
  ["no checkpointer", () => undefined],
])("an app with %s", (_, checkpointer) => {
  test("remembers from run to run what it does with LangGraph alone", async () => {
    const bare = chat(checkpointer());
    const durable = checkpointer();
    for (const text of turns) {
      for (const thread of ["a", "b"]) {
        const expected = plain(await bare.invoke(says(`${text} ${thread}`), onThread(thread)));
        const app = chat(durable);
        const input = says(`${text} ${thread}`);
        expect(plain(await process().run(app, input, onThread(thread)))).toEqual(expected);
      }
    }
  });
});

test.each([
  ["a graph", () => chat(new MemorySaver())],
  [
    "an agent",
    () =>
      createAgent({
        model: new FakeModel(
          async () => {},
          (messages) => `heard ${messages.length}`,
        ),
        tools: [],
        checkpointer: new MemorySaver(),
      }),
  ],
])("%s that is bound to a thread keeps its state there", async (_, build) => {
  const bound = () => (build() as Chat).withConfig(onThread("bound")) as Chat;
  const bare = bound();
  for (const text of turns) {
    const expected = plain(await bare.invoke(says(text)));
    expect(plain(await process().run(bound(), says(text)))).toEqual(expected);
  }
  const { messages } = await process().run(bound(), says("elsewhere"), onThread("other"));
  expect(messages.map(({ text }) => text)).toEqual(["elsewhere", "heard 1"]);
});

test("whoever reads a thread through the app's own checkpointer finds it as it is", async () => {
  const bare = chat(new LastingSaver());
  const app = chat(new LastingSaver());
  for (const text of turns) {
    await bare.invoke(says(text), onThread("t"));
    await process().run(app, says(text), onThread("t"));
  }
  expect(await statesOf(app)).toEqual(await statesOf(bare));
});

test("what somebody did to a thread through the app's own checkpointer is what a run begins with", async () => {
  const app = chat(new LastingSaver());
  await app.invoke(says("before"), onThread("t"));
  await process().run(app, says("durable"), onThread("t"));
  await app.updateState(onThread("t"), says("by hand"), "answer");
  const { messages } = await process().run(app, says("at last"), onThread("t"));
  expect(messages.map(({ text }) => text)).toEqual([
    "before",
    "heard 1",
    "durable",
    "heard 3",
    "by hand",
    "at last",
    "heard 6",
  ]);
});

test.each([
  ["a checkpointer in memory", () => new MemorySaver()],
  ["a checkpointer that lasts", () => new LastingSaver()],
  ["no checkpointer", () => undefined],
])(
  "a turn on a thread of an app with %s is killed anywhere, and nobody can tell",
  async (_, saver) => {
    // What lasts is there in every process.
    const savers = new Map<string, MemorySaver>();
    const talk = twoTurns((runId) => {
      const checkpointer = savers.get(runId) ?? saver();
      if (checkpointer instanceof LastingSaver) savers.set(runId, checkpointer);
      return checkpointer;
    });
    const kept = async (runId: string) => {
      const checkpointer = savers.get(runId);
      return checkpointer === undefined ? [] : statesOf(chat(checkpointer), runId);
    };
    const report = await everyPoint(
      {
        ...talk,
        run: async (process) => [await talk.run(process), await kept(process.runId)],
      },
      { database: inMemory },
    );
    expect(report.failures).toEqual([]);
  },
);

test("a question is answered in LangGraph's own way, by its id or without", async () => {
  const app = () =>
    new StateGraph(MessagesAnnotation)
      .addNode("ask", async () => says(`${interrupt("first?")} ${interrupt("second?")}`))
      .addEdge(START, "ask")
      .addEdge("ask", END)
      .compile({ checkpointer: new MemorySaver() });
  const paused = await process().run(app(), says("go"), onThread("t"));
  expect(paused).toMatchObject({ __interrupt__: [{ value: "first?" }] });
  const again = await process().run(app(), new Command({ resume: "yes" }), onThread("t"));
  const [asked] = (again as unknown as { __interrupt__: { id: string; value: string }[] })
    .__interrupt__;
  expect(asked?.value).toBe("second?");
  const resume = { [asked!.id]: "no" };
  const { messages } = await process().run(app(), new Command({ resume }), onThread("t"));
  expect(messages.map(({ text }) => text)).toEqual(["go", "yes no"]);
});

test("a breakpoint is passed in LangGraph's own way", async () => {
  const app = () => {
    const { builder } = chat();
    return builder.compile({ checkpointer: new MemorySaver(), interruptBefore: ["answer"] });
  };
  const paused = await process().run(app(), says("go"), onThread("t"));
  expect(paused).toMatchObject({ __interrupt__: [] });
  const { messages } = await process().run(app(), null, onThread("t"));
  expect(messages.map(({ text }) => text)).toEqual(["go", "heard 1"]);
});

/** Of a thread, the oldest first, without what is drawn at random. */
async function statesOf(app: Chat, thread = "t"): Promise<unknown> {
  const states: unknown[] = [];
  for await (const { values, next, metadata, tasks } of app.getStateHistory(onThread(thread))) {
    const { source, step } = metadata ?? {};
    const told = tasks.map(({ name, result }) => ({ name, result }));
    states.unshift(plain({ values, next, source, step, tasks: told }));
  }
  return states;
}
