// An app with a PostgresSaver of its own: what runs keep is in it as well, for everybody who knows only
// that one.
import { Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { HumanMessage } from "@langchain/core/messages";
import {
  Command,
  END,
  interrupt,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import "../src/index.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

const { pool } = testDatabase();
beforeAll(() => saver().setup());

/** As each process has one: they share nothing but the tables. */
function saver(): PostgresSaver {
  return new PostgresSaver(pool);
}

let runtime: Runtime;
beforeEach(() => {
  runtime = new Runtime({ store: openMemoryStore(memoryDatabase()), hotPeriod: 0 });
});
afterEach(() => runtime.close());

const quiet: Effect = async () => {};
const says = (text: string) => ({ messages: [new HumanMessage(text)] });
const onThread = (thread_id: string) => ({ configurable: { thread_id } });

/** Answers, after a graph in it has looked something up; asks when it is told to. */
const chat = (effect: Effect = quiet) => {
  const model = new FakeModel(effect, (messages) => `heard ${messages.length}`);
  const search = fakeTool(effect, "search");
  const inner = new StateGraph(MessagesAnnotation)
    .addNode("look", async ({ messages }) => says(await search.invoke({ q: `${messages.length}` })))
    .addNode("ask", async ({ messages }) => {
      return messages.at(-2)?.text === "ask me"
        ? says(`told ${interrupt({ question: "What?" })}`)
        : {};
    })
    .addEdge(START, "look")
    .addEdge("look", "ask")
    .addEdge("ask", END)
    .compile();
  return new StateGraph(MessagesAnnotation)
    .addNode("inner", inner)
    .addNode("answer", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addEdge(START, "inner")
    .addEdge("inner", "answer")
    .addEdge("answer", END)
    .compile({ checkpointer: saver() });
};

test("a thread goes on turn by turn, durably and with LangGraph alone", async () => {
  const bare = (text: string, thread: string) => chat().invoke(says(text), onThread(thread));
  const durable = (text: string, thread: string) =>
    runtime.run(chat(), says(text), onThread(thread));
  for (const [turn, say] of [durable, bare, bare, durable, durable, bare].entries()) {
    const expected = plain(await bare(`turn ${turn}`, "bare"));
    expect(plain(await say(`turn ${turn}`, "mixed"))).toEqual(expected);
  }
  expect(await statesOf("mixed")).toEqual(await statesOf("bare"));
});

test("what a run asks is seen, and answered, by whoever knows only the saver", async () => {
  await chat().invoke(says("ask me"), onThread("asked bare"));
  await runtime.run(chat(), says("ask me"), onThread("asked"));
  expect(await statesOf("asked")).toEqual(await statesOf("asked bare"));
  const expected = await chat().invoke(new Command({ resume: "this" }), onThread("asked bare"));
  const output = await chat().invoke(new Command({ resume: "this" }), onThread("asked"));
  expect(plain(output)).toEqual(plain(expected));
  expect(await statesOf("asked")).toEqual(await statesOf("asked bare"));
});

test("a run whose question was answered by others is over when it goes on", async () => {
  const effects: string[] = [];
  const run = () =>
    runtime.run(
      chat(async (name) => void effects.push(name)),
      says("ask me"),
      { ...onThread("answered"), durable: { runId: "r" } },
    );
  await run();
  const output = await chat().invoke(new Command({ resume: "this" }), onThread("answered"));
  expect(plain(await run())).toEqual(plain(output));
  expect(effects).toEqual(["tool: search 1"]);
  expect((await runtime.handle("r").status()).status).toBe("completed");
  const more = await runtime.run(chat(), says("and then?"), onThread("answered"));
  expect(more.messages).toHaveLength(output.messages.length + 3);
});

test("a run on a thread is killed anywhere, also between our write and the saver's, and nobody can tell", async () => {
  await chat().invoke(says("ask me"), onThread("expected"));
  await chat().invoke(new Command({ resume: "this" }), onThread("expected"));
  const expected = await statesOf("expected");
  const report = await everyPoint(
    {
      name: "mirrored",
      async run({ runtime, runId, effect }) {
        const durable = { runId, until: "end" } as const;
        const output = await runtime.run(chat(effect), says("ask me"), {
          ...onThread(runId),
          durable,
        });
        expect(await statesOf(runId)).toEqual(expected);
        return plain(output);
      },
      answer: (_wait, { handle }) => handle.respond(undefined, "this"),
    },
    { database: inMemory },
  );
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

/** Of a thread, the oldest first, as LangGraph alone tells them, without what is drawn at random. */
async function statesOf(thread: string): Promise<unknown> {
  const app = chat();
  const states: unknown[] = [];
  for await (const { values, next, metadata, tasks } of app.getStateHistory(onThread(thread))) {
    const { source, step } = metadata ?? {};
    const told = tasks.map(({ name, result, interrupts }) => {
      return { name, result, asked: interrupts.map(({ value }) => value as unknown) };
    });
    states.unshift(plain({ values, next, source, step, tasks: told }));
  }
  return states;
}
