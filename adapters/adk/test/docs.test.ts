// The programs that docs/adk.md shows are the ones that run here.
import { getPendingUserInputRequests, LlmAgent } from "@google/adk";
import { currentStep, type Policies, Runtime, step } from "@holdfast/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { programsNotRun } from "../../../conformance/src/docs/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import "../src/index.ts";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { oneToolAgent } from "./scenarios/one-tool-agent.ts";

const PAGES = ["../../../docs/adk.md", "../README.md"];

const { url } = testDatabase();
let runtime: Runtime;
beforeEach(() => {
  vi.stubEnv("HOLDFAST_DATABASE_URL", url);
  runtime = new Runtime();
});
afterEach(async () => {
  await runtime.close();
  vi.unstubAllEnvs();
});

const quiet = async () => {};

test.each(PAGES)("%s shows nothing else", (page) => {
  const url = new URL(page, import.meta.url);
  expect(programsNotRun(url, new URL(import.meta.url))).toEqual([]);
});

test("a turn, by its name and without one", async () => {
  const rootAgent = oneToolAgent(quiet, "travel");
  const named = async () => {
    const { events, output, state } = await runtime.run(rootAgent, "Book the trip.", {
      userId: "ann",
      sessionId: "trip-42",
      durable: { runId: "booking 42" },
    });
    return { events, output, state };
  };
  const { events, output, state } = await runtime.run(rootAgent, "Book the trip.", {
    userId: "ann",
    sessionId: "trip-42",
  });
  expect(events).toHaveLength(3);
  expect(state.travel_out).toBe(output);
  const first = await named();
  expect(await named()).toEqual(first);
});

test("a served agent", async () => {
  const rootAgent = oneToolAgent(quiet, "travel");
  await runtime.serve({ booking: rootAgent });
  const other = new Runtime();
  const run = await other.start("booking", "Book the trip.");
  expect(await run.result()).toMatchObject({ output: 'travel is done: [{"did":"travel"}]' });
  await other.close();
});

test("a callback that does something, and policies", async () => {
  const notified: string[] = [];
  const desk = { notify: async (what: string) => void notified.push(what) };
  const beforeAgentCallback = async () => {
    await step("notify", () => desk.notify("begun"));
    return undefined;
  };
  const policies: Policies = {
    tools: { pay: { inDoubt: "once", timeout: 20_000 } },
    models: { "gemini-2.5-flash": { retries: { times: 4, delay: 1000 } } },
    approve: { tools: ["pay"], when: ({ args }) => (args as { amount: number }).amount > 100 },
  };
  const keys = new Set<string>();
  const look = fakeTool(async () => void keys.add(currentStep().idempotencyKey), "look");
  const model = new FakeLlm(quiet, "m", (request) =>
    responses(request, "look").length === 0 ? [{ name: "look", args: { q: "sea" } }] : "seen",
  );
  const agent = new LlmAgent({ name: "watcher", model, tools: [look], beforeAgentCallback });
  await runtime.run(agent, "Look.", { durable: { runId: "notified", policies } });
  expect(notified).toEqual(["begun"]);
  expect(keys.size).toBe(1);
});

test("an answer in ADK's form", async () => {
  const payingAgent: LlmAgent = oneToolAgent(quiet, "pay", { requireConfirmation: true });
  const paid = async () => {
    const session = { userId: "ann", sessionId: "trip-42" };
    const { events } = await runtime.run(payingAgent, "Pay it.", session);
    const [request] = getPendingUserInputRequests([...events]);
    const functionResponse = {
      id: request!.interruptId,
      name: "adk_request_confirmation",
      response: { confirmed: true },
    };
    const answer = { parts: [{ functionResponse }] };
    const { output } = await runtime.run(payingAgent, answer, session);
    return output;
  };
  expect(await paid()).toBe('pay is done: [{"did":"pay"}]');
});

test("an answer by the handle", async () => {
  const agent: LlmAgent = oneToolAgent(quiet, "pay", { requireConfirmation: true });
  const durable = { runId: "payment 7" } as const;
  await runtime.run(agent, "Pay it.", { durable });
  const handle = runtime.handle("payment 7");
  await handle.approve(undefined, { by: "ana", note: "as agreed" });
  const { output } = await runtime.run(agent, "Pay it.", { durable: { ...durable, until: "end" } });
  expect(output).toBe('pay is done: [{"did":"pay"}]');
});

test("a Runner's loop becomes one over a stream", async () => {
  const agent = new LlmAgent({ name: "a", model: new FakeLlm(quiet, "a", () => "well") });
  const shown: string[] = [];
  for await (const event of runtime.stream(agent, { parts: [{ text: "Go." }] }, { userId: "u" })) {
    shown.push(event.author ?? "");
  }
  expect(shown).toEqual(["a"]);
});
