// A turn as a part of a larger run: parts share their sessions, and a crash goes on in the part it struck.
import { LlmAgent, LongRunningFunctionTool } from "@google/adk";
import { type InputOf, pipe, Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { expect, test } from "vitest";
import { z } from "zod";
import {
  everyPoint,
  inMemory,
  type Scenario,
  survive,
} from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { askedAndAnswered } from "./asking.ts";
import { chatAgent } from "./chat.ts";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";
import { oneToolAgent } from "./scenarios/one-tool-agent.ts";
import type { Effect } from "./scenarios/scenario.ts";

test.each([true, false])(
  "a workflow that asks and is answered, killed at every point of both turns (runs again: %s)",
  async (again) => {
    const ids = new Map<string, Set<string>>();
    const scenario = askedAndAnswered(again, (runId, id) => {
      ids.set(runId, (ids.get(runId) ?? new Set()).add(id));
    });
    const report = await everyPoint(scenario, { database: inMemory, atOnce: 24 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
    // Each run has one id for its question, in every process.
    expect([...ids.values()].filter(({ size }) => size !== 1)).toEqual([]);
  },
);

test("a tool that says what is pending, and is answered in the next turn, killed at every point of both", async () => {
  const clerk = (effect: Effect) => {
    const execute = async () => {
      await effect("ordered");
      return { status: "pending", ticket: 7 };
    };
    const parameters = z.object({});
    const order = { name: "order", description: "Orders.", parameters, execute };
    return new LlmAgent({
      name: "clerk",
      model: new FakeLlm(
        effect,
        "clerk",
        (request) => {
          const heard = responses(request, "order");
          return heard.length === 0 ? [{ name: "order", args: {} }] : JSON.stringify(heard.at(-1));
        },
        (request) => JSON.stringify(responses(request, "order")),
      ),
      tools: [new LongRunningFunctionTool(order)],
    });
  };
  const scenario: Scenario = {
    name: "pending",
    run({ runtime, runId, effect }) {
      const twoTurns = async () => {
        const say = (input: InputOf<LlmAgent>, turn: string) =>
          runtime.run(clerk(effect), input, { sessionId: "s", durable: { runId: turn } });
        const first = await say("Order.", "first");
        const id = first.events.flatMap(({ longRunningToolIds = [] }) => longRunningToolIds)[0]!;
        const functionResponse = { id, name: "order", response: { status: "done" } };
        const second = await say({ parts: [{ functionResponse }] }, "second");
        return [first.output, second.output];
      };
      return runtime.run(twoTurns, undefined, { durable: { runId } });
    },
  };
  const report = await everyPoint(scenario, { database: inMemory, atOnce: 24 });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
  const { ending } = await survive(scenario, { database: inMemory() });
  const output = ['{"status":"pending","ticket":7}', '{"status":"done"}'];
  expect(ending).toEqual({ is: "returned", output });
});

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
