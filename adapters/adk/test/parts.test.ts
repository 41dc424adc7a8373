// A turn as a part of a larger run: parts share their sessions, and a crash goes on in the part it struck.
import type { LlmAgent } from "@google/adk";
import { pipe, Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { expect, test } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { askedAndAnswered } from "./asking.ts";
import { chatAgent } from "./chat.ts";
import { pending, pendingInTurns } from "./pending.ts";
import { oneToolAgent } from "./scenarios/one-tool-agent.ts";

test.each(["again", "once"] as const)(
  "a workflow that asks and is answered, killed at every point of both turns (the one that asks runs: %s)",
  async (asks) => {
    const ids = new Map<string, Set<string>>();
    const scenario = askedAndAnswered(asks, (runId, id) => {
      ids.set(runId, (ids.get(runId) ?? new Set()).add(id));
    });
    const report = await everyPoint(scenario, { database: inMemory, atOnce: 24 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
    // Each run has one id for its question, in every process.
    expect([...ids.values()].filter(({ size }) => size !== 1)).toEqual([]);
  },
);

test("a workflow whose node runs the one that asks, killed at every point of both turns", async () => {
  const report = await everyPoint(askedAndAnswered("within"), { database: inMemory, atOnce: 24 });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

test.each([
  { is: "parts of one run", scenario: pending },
  { is: "runs of their own", scenario: pendingInTurns },
])(
  "what is pending is answered in the next turn, both $is, killed at every point",
  async ({ scenario }) => {
    const report = await everyPoint(scenario, { database: inMemory, atOnce: 24 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
    const { ending } = await survive(scenario, { database: inMemory() });
    const output = ['{"status":"pending","ticket":7}', '{"status":"done"}'];
    expect(ending).toEqual({ is: "returned", output });
  },
);

test("two turns of one session in one run see each other; of two apps in a pipe, none does", async () => {
  const runtime = new Runtime({ store: openMemoryStore(memoryDatabase()) });
  const quiet = async () => {};
  const chat = async () => {
    const say = (text: string, runId: string) =>
      runtime.run(chatAgent(quiet), text, { sessionId: "s", durable: { runId } });
    await say("hello", "1");
    return (await say("well", "2")).output;
  };
  expect(await runtime.run(chat, undefined)).toBe("3 said, 0 seen");
  const textOf = async ({ output }: { readonly output: unknown }) => String(output);
  const chats = pipe(chatAgent(quiet), textOf, chatAgent(quiet));
  expect(await runtime.run(chats, "hello")).toMatchObject({ output: "1 said, 0 seen" });
  await runtime.close();
});

test("a part that asks waits in place: whoever asked for the whole is given no turn of ADK's", async () => {
  const runtime = new Runtime({ store: openMemoryStore(memoryDatabase()) });
  const part: LlmAgent = oneToolAgent(async () => {}, "pay", { requireConfirmation: true });
  const whole = async () => ({ told: (await runtime.run(part, "Pay.")).output });
  const running = runtime.run(whole, undefined, { durable: { runId: "r" } });
  await expect
    .poll(() =>
      runtime
        .handle("r")
        .waits()
        .catch(() => []),
    )
    .toHaveLength(1);
  await runtime.handle("r").approve();
  expect(await running).toEqual({ told: 'pay is done: [{"did":"pay"}]' });
  await runtime.close();
});
