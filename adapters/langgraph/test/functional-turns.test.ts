// Functional graphs from turn to turn: what one saves, which is not what it returns, the next one begins
// with.
import { Command, MemorySaver } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { diary, diaryInTwoTurns } from "./diary.ts";
import { processes } from "./processes.ts";
import { plain } from "./scenarios/plain.ts";

const { next } = processes();

const onThread = (thread_id: string) => ({ configurable: { thread_id } });
const turns = [
  "one",
  "two",
  new Command({ resume: "yes" }),
  "three",
  new Command({ resume: "no" }),
];

test.each([
  ["of its own", () => new MemorySaver()],
  ["that lasts", () => new (class LastingSaver extends MemorySaver {})()],
])("a diary with a checkpointer %s goes on as with LangGraph alone", async (_name, saver) => {
  const bare = diary(async () => {}, saver());
  const own = saver();
  for (const turn of turns) {
    const expected = plain(await bare.invoke(turn, onThread("t")));
    const app = diary(async () => {}, own);
    expect(plain(await next().run(app, turn, onThread("t")))).toEqual(expected);
  }
  expect(await bare.invoke("four", onThread("t"))).toMatchObject({
    __interrupt__: [{ value: { question: "three" } }],
  });
});

test("a diary without a checkpointer remembers nothing", async () => {
  for (const turn of ["one", "two"]) {
    const app = diary(async () => {});
    const found = `look found ${turn} 1,look found ${turn} 2`;
    expect(await next().run(app, turn, onThread("t"))).toBe(`0 before, found ${found}`);
  }
});

test("a turn that asks is killed anywhere, and nobody can tell", async () => {
  const report = await everyPoint(diaryInTwoTurns, { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});
