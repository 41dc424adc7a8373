// Functional graphs from turn to turn: what one saves, which is not what it returns, the next one begins
// with.
import {
  Command,
  entrypoint,
  getPreviousState,
  interrupt,
  MemorySaver,
  task,
} from "@langchain/langgraph";
import { expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { processes } from "./processes.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

const { next } = processes();

/** Looks two things up at once, asks from the second turn on, and looks up what it was told. */
const diary = (effect: Effect, checkpointer?: MemorySaver) => {
  const look = task("look", async (q: string) => fakeTool(effect, "look").invoke({ q }));
  const options = { name: "diary", ...(checkpointer === undefined ? {} : { checkpointer }) };
  return entrypoint(options, async (text: string) => {
    const before = getPreviousState<readonly string[]>() ?? [];
    const found = await Promise.all([look(`${text} 1`), look(`${text} 2`)]);
    if (before.length > 0) found.push(await look(`${interrupt({ question: before.at(-1) })}`));
    const value = `${before.length} before, found ${found.join()}`;
    return entrypoint.final({ value, save: [...before, text] });
  }) as unknown as DurableApp;
};

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
  const report = await everyPoint(
    {
      name: "diary",
      async run({ runtime, runId, effect }) {
        const app = diary(effect, new MemorySaver());
        const turn = (text: string, id: string) =>
          runtime.run(app, text, { ...onThread(runId), durable: { runId: id, until: "end" } });
        return [await turn("one", `${runId} one`), await turn("two", runId)];
      },
      answer: (_wait, { handle }) => handle.respond(undefined, "yes"),
    },
    { database: inMemory },
  );
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});
