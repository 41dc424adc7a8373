// A turn as a part of a larger run: parts share their sessions, and a crash goes on in the part it struck.
import {
  getPendingUserInputRequests,
  type LlmAgent,
  type NodeContext,
  node,
  RequestInput,
  Workflow,
} from "@google/adk";
import { type InputOf, pipe, Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { chatAgent } from "./chat.ts";
import { oneToolAgent } from "./scenarios/one-tool-agent.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** Asks in the middle, and goes on with what it is answered in its next turn. */
function asking(effect: Effect, rerunOnResume: boolean): Workflow {
  async function* ask(context: NodeContext) {
    const [given] = Object.values(context.resumeInputs ?? {});
    if (given === undefined) yield new RequestInput({ message: "How many?" });
    else yield { given };
  }
  const prepare = async () => {
    await effect("prepare");
    return "prepared";
  };
  const conclude = async (_: NodeContext, input: unknown) => {
    await effect("conclude");
    return JSON.stringify(input);
  };
  const middle = node(ask, { name: "ask", rerunOnResume });
  return new Workflow({ name: "flow", edges: [["START", prepare, middle, conclude]] });
}

test.each([true, false])(
  "a workflow that asks and is answered, killed at every point of both turns (runs again: %s)",
  async (again) => {
    const ids = new Map<string, Set<string>>();
    const report = await everyPoint(
      {
        name: "asking",
        run({ runtime, runId, effect }) {
          const twoTurns = async () => {
            const say = (input: InputOf<LlmAgent>, turn: string) =>
              runtime.run(asking(effect, again), input, {
                sessionId: "s",
                durable: { runId: turn },
              });
            const { events } = await say("Go.", "first");
            const [asked] = getPendingUserInputRequests([...events]);
            ids.set(runId, (ids.get(runId) ?? new Set()).add(asked!.interruptId));
            return (await say(answerOf(asked!), "second")).output;
          };
          return runtime.run(twoTurns, undefined, { durable: { runId } });
        },
      },
      { database: inMemory, atOnce: 24 },
    );
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
    // Each run has one id for its question, in every process.
    expect([...ids.values()].filter(({ size }) => size !== 1)).toEqual([]);
  },
);

function answerOf({
  interruptId,
  functionCallName,
}: {
  interruptId: string;
  functionCallName: string;
}) {
  const response = { result: 3 };
  return { parts: [{ functionResponse: { id: interruptId, name: functionCallName, response } }] };
}

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
