// An app's own getState, getStateHistory and updateState, for a run.
import { Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  Annotation,
  Command,
  DeltaChannel,
  END,
  interrupt,
  MemorySaver,
  messagesDeltaReducer,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { afterEach, beforeEach, expect, test } from "vitest";
import "../src/index.ts";
import { Lines } from "./scenarios/lines.ts";
import { plain } from "./scenarios/plain.ts";

let runtime: Runtime;
beforeEach(() => {
  runtime = new Runtime({ store: openMemoryStore(memoryDatabase()), hotPeriod: 0 });
});
afterEach(() => runtime.close());

const durable = { runId: "r" };
const thread = { configurable: { thread_id: "t" } };

const asking = (checkpointer?: MemorySaver) => {
  const inner = new StateGraph(Lines)
    .addNode("look", async () => ({ lines: ["looked"] }))
    .addNode("ask", async () => ({ lines: [`told ${interrupt("Go on?")}`] }))
    .addEdge(START, "look")
    .addEdge("look", "ask")
    .addEdge("ask", END)
    .compile();
  return new StateGraph(Lines)
    .addNode("first", async () => ({ lines: ["first"] }))
    .addNode("inner", inner)
    .addNode("last", async ({ lines }) => ({ lines: [`after ${lines.at(-1)}`] }))
    .addEdge(START, "first")
    .addEdge("first", "inner")
    .addEdge("inner", "last")
    .addEdge("last", END)
    .compile(checkpointer === undefined ? {} : { checkpointer });
};
type App = ReturnType<typeof asking>;

test.each([
  ["a checkpointer of its own", () => new MemorySaver()],
  ["none", () => undefined],
])(
  "the state of a run and its history are those of the app alone, for an app with %s",
  async (_, saver) => {
    const bare = asking(new MemorySaver());
    await bare.invoke({}, thread);
    const app = asking(saver());
    await runtime.run(app, {}, { ...thread, durable });
    const config = await runtime.config(app, "r");
    expect(await told(app, config)).toEqual(await told(bare, thread));

    await bare.invoke(new Command({ resume: "yes" }), thread);
    await runtime.handle("r").respond(undefined, "yes");
    await runtime.run(app, {}, { ...thread, durable });
    expect(await told(app, config)).toEqual(await told(bare, thread));
  },
);

test("what is updated while a run waits is what it goes on with", async () => {
  const app = () =>
    new StateGraph(Lines)
      .addNode("look", async () => ({ lines: ["looked"] }))
      .addNode("act", async ({ lines }) => ({ lines: [`acted on ${lines.at(-1)}`] }))
      .addEdge(START, "look")
      .addEdge("look", "act")
      .addEdge("act", END)
      .compile({ checkpointer: new MemorySaver(), interruptBefore: ["act"] });
  const bare = app();
  await bare.invoke({}, thread);
  await bare.updateState(thread, { lines: ["by hand"] });
  const expected = await bare.invoke(null, thread);

  await runtime.run(app(), {}, { ...thread, durable });
  await app().updateState(await runtime.config(app(), "r"), { lines: ["by hand"] });
  expect(await runtime.run(app(), null, thread)).toEqual(expected);
  expect(expected.lines).toEqual(["looked", "by hand", "acted on by hand"]);
});

test("a state that is told in deltas is read whole", async () => {
  const State = Annotation.Root({ messages: new DeltaChannel(messagesDeltaReducer) as never });
  const app = (checkpointer?: MemorySaver) =>
    new StateGraph(State)
      .addNode("answer", async (state: { messages: BaseMessage[] }) => ({
        messages: [new HumanMessage(`answer ${state.messages.length}`)],
      }))
      .addEdge(START, "answer")
      .addConditionalEdges("answer", (state: { messages: BaseMessage[] }) =>
        state.messages.length < 5 ? "answer" : END,
      )
      .compile(checkpointer === undefined ? {} : { checkpointer });
  const input = () => ({ messages: [new HumanMessage("go")] }) as never;
  const bare = app(new MemorySaver());
  await bare.invoke(input(), thread);
  await runtime.run(app() as unknown as App, input(), { durable });
  const config = await runtime.config(app(), "r");
  expect(await told(app() as unknown as App, config)).toEqual(
    await told(bare as unknown as App, thread),
  );
});

/** What the app says of itself, without what is drawn at random. */
async function told(app: App, config: RunnableConfig): Promise<unknown> {
  const { values, next, tasks } = await app.getState(config, { subgraphs: true });
  const history: unknown[] = [];
  for await (const state of app.getStateHistory(config)) {
    const { source, step } = state.metadata ?? {};
    const ended = state.tasks.map(({ name, result, interrupts }) => ({
      name,
      result,
      asked: interrupts.map(({ value }) => value),
    }));
    history.push(plain({ values: state.values, next: state.next, source, step, tasks: ended }));
  }
  const inner = tasks.map(({ name, state, interrupts }) => ({
    name,
    values: (state as { values?: unknown } | undefined)?.values,
    next: (state as { next?: unknown } | undefined)?.next,
    asked: interrupts.map(({ value }) => value),
  }));
  return { values: plain(values), next, tasks: inner, history };
}
