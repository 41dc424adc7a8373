// Conversations: sessions of the user's own, and those that are kept here.
import { MemorySession, OpenAIResponsesCompactionSession, run, type Session } from "@openai/agents";
import { describe, expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { processes } from "./processes.ts";
import {
  approvedTurn,
  clerk,
  context,
  type Store,
  StoredSession,
  twoTurns,
} from "./session-scenarios.ts";

const { next, effect, effects, steps } = processes();

/** What the SDK alone makes of these inputs, one after the other. */
async function bare(inputs: readonly string[]) {
  const session = new MemorySession();
  const outputs: unknown[] = [];
  for (const input of inputs) {
    const result = await run(
      clerk(async () => {}),
      input,
      { session, context: context() },
    );
    outputs.push(result.finalOutput);
  }
  return { outputs, items: await session.getItems() };
}

const INPUTS = ["one", "two", "thanks"];

describe("a session that is given by its name", () => {
  test("is kept here: each turn, in whatever process, knows those before", async () => {
    const outputs: unknown[] = [];
    for (const input of INPUTS) {
      const options = { session: "ana", context: context() };
      outputs.push((await next().run(clerk(effect), input, options)).finalOutput);
    }
    const { outputs: expected, items } = await bare(INPUTS);
    expect(outputs).toEqual(expected);
    const again = await next().run(clerk(effect), "thanks", { session: "ana", context: context() });
    expect(again.history.slice(0, -2)).toEqual(items);
    const other = await next().run(clerk(effect), "thanks", { session: "bo", context: context() });
    expect(other.history).toHaveLength(2);
  });

  test("is streamed into, too", async () => {
    for (const input of INPUTS) {
      const stream = next().stream(clerk(effect), input, { session: "ana", context: context() });
      await stream.completed;
    }
    const again = await next().run(clerk(effect), "thanks", { session: "ana", context: context() });
    expect(again.history.slice(0, -2)).toEqual((await bare(INPUTS)).items);
  });

  test("has one run at a time, which is taken up where it stopped", async () => {
    const options = () => ({ session: "ana", context: context() });
    const durable = { runId: "r" };
    await next().run(clerk(effect, true), "one", { ...options(), durable });
    const second = next().run(clerk(effect), "two", options());
    await expect(second).rejects.toMatchObject({ code: "THREAD_BUSY" });
    await next().handle("r").approve();
    await next().run(clerk(effect, true), "one", { ...options(), durable });
    await next().run(clerk(effect), "two", options());
    const again = await next().run(clerk(effect), "thanks", options());
    expect(again.history.slice(0, -2)).toEqual((await bare(["one", "two"])).items);
    expect(effects.filter((name) => name.startsWith("tool"))).toHaveLength(2);
  });

  test("goes on for a state that was approved, by the session alone", async () => {
    const options = () => ({ session: "ana", context: context() });
    const stopped = await next().run(clerk(effect, true), "one", options());
    for (const item of stopped.interruptions) stopped.state.approve(item);
    const { finalOutput } = await next().run(clerk(effect, true), stopped.state, options());
    expect(finalOutput).toBe("heard 3 items, 1 results");
  });
});

describe.each([
  ["kept here", 0, () => "ana"],
  ["of the user's own", 8, (store: Store) => new StoredSession(store)],
] as const)("a session %s", (_, size, sessionOf) => {
  test("has every item once, wherever a process dies", async () => {
    const { stores, inSession } = storesOf(sessionOf);
    const report = await everyPoint(twoTurns(inSession), { database: inMemory, atOnce: 8 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
    expect(new Set([...stores.values()].map(({ items }) => items.length))).toEqual(new Set([size]));
  });

  test("has every item once where a run stops for approval, wherever a process dies", async () => {
    const { stores, inSession } = storesOf(sessionOf);
    const report = await everyPoint(approvedTurn(inSession), { database: inMemory, atOnce: 24 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
    expect(new Set([...stores.values()].map(({ items }) => items.length))).toEqual(
      new Set([size / 2]),
    );
  });
});

/** A session for each run, which outlives its processes. */
function storesOf(sessionOf: (store: Store) => string | Session) {
  const stores = new Map<string, Store>();
  const inSession = (runId: string) => {
    const store = stores.get(runId) ?? { items: [] };
    stores.set(runId, store);
    return sessionOf(store);
  };
  return { stores, inSession };
}

test("a session that is made shorter by OpenAI is made so once", async () => {
  let asked = 0;
  const compact = async () => {
    asked += 1;
    const output = [{ type: "compaction", id: "cmp_1", encrypted_content: "short" }];
    return { id: "resp_1", output, usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } };
  };
  const underlyingSession = new MemorySession({ sessionId: "ana" });
  const session = new OpenAIResponsesCompactionSession({
    client: { responses: { compact } } as never,
    underlyingSession,
    model: "gpt-5",
    shouldTriggerCompaction: () => true,
  });
  for (const _ of [1, 2]) {
    const options = { session, context: context(), durable: { runId: "r" } };
    expect((await next().run(clerk(effect), "thanks", options)).finalOutput).toBe("any time");
  }
  expect(asked).toBe(1);
  expect(await underlyingSession.getItems()).toHaveLength(1);
  expect((await steps()).map((line) => line.split(" ")[1])).toEqual([
    "getItems",
    "FakeModel",
    "addItems",
    "runCompaction",
  ]);
});
