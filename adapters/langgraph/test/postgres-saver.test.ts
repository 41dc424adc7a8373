// An app with a PostgresSaver of its own: what runs keep is in it as well, for everybody who knows only
// that one.
import { Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { Command } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import "../src/index.ts";
import { chatOn, mirrored, onThread, says, statesIn } from "./mirrored.ts";
import { othersOnThread } from "./others-on-thread.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";
import { chat as plainChat } from "./two-turns.ts";

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

const chat = (effect?: Effect) => chatOn(saver(), effect);
const statesOf = (thread: string) => statesIn(saver(), thread);

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
  const { ending } = await survive(mirrored(saver), { database: inMemory() });
  expect(ending).toMatchObject({ output: [{}, expected] });
  const report = await everyPoint(mirrored(saver), { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

test("a run on a thread on which others had a turn is killed anywhere, and so are they, and nobody can tell", async () => {
  for (const text of ["one", "by others", "two"]) {
    await plainChat(saver()).invoke(says(text), onThread("expected of others"));
  }
  const { values } = await plainChat(saver()).getState(onThread("expected of others"));
  const { ending } = await survive(othersOnThread(saver), { database: inMemory() });
  expect(ending).toEqual({ is: "returned", output: plain(values) });
  const report = await everyPoint(othersOnThread(saver), { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});
