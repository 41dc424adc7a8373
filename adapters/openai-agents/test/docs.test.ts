// The programs that docs/openai-agents.md shows are the ones that run here.
import { type Policies, Runtime } from "@holdfast/core";
import { Agent, Runner } from "@openai/agents";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { programsNotRun } from "../../../conformance/src/docs/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import "../src/index.ts";
import { agentThatCalls } from "./agent-that-calls.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import type { Notes } from "./scenarios/scenario.ts";

const PAGES = ["../../../docs/openai-agents.md", "../README.md"];

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
const says = (text: string): Agent =>
  new Agent({ name: "Clerk", model: new FakeModel(quiet, "clerk", () => text) });

test.each(PAGES)("%s shows nothing else", (page) => {
  const url = new URL(page, import.meta.url);
  expect(programsNotRun(url, new URL(import.meta.url))).toEqual([]);
});

test("an agent, by itself and with its runner", async () => {
  const agent = says("booked") as Agent<unknown>;
  const booked = async () => {
    const result = await runtime.run(agent, "Book me a flight.", { durable: { runId: "trip-6" } });
    return result.finalOutput;
  };
  expect(await booked()).toBe("booked");
  const runner = new Runner({ workflowName: "Trips" });
  const { finalOutput } = await runtime.run({ agent, runner }, "Book me a flight.", {
    context: { customer: "ana" },
    durable: { runId: "trip-7" },
  });
  expect(finalOutput).toBe("booked");
});

test("a served agent is given its context", async () => {
  const agent = agentThatCalls(
    quiet,
    [{ name: "look", args: { q: "sea" }, id: "c1" }],
    [fakeTool(quiet, "look")],
  );
  let made = 0;
  const newContext = (): Notes => {
    made += 1;
    return { notes: {} };
  };
  await runtime.serve({ trips: { app: agent, options: () => ({ context: newContext() }) } });
  const other = new Runtime();
  const run = await other.start("trips", "Book me a flight.");
  expect(await run.result()).toMatchObject({ finalOutput: expect.stringContaining("look did") });
  expect(made).toBe(1);
  await other.close();
});

function refunding(needsApproval: boolean): Agent<Notes> {
  return agentThatCalls(
    quiet,
    [{ name: "refund", args: { q: "paid" }, id: "c1" }],
    [fakeTool(quiet, "refund", { needsApproval })],
  );
}

const optionsOf = (runId: string) => () => ({ context: { notes: {} }, durable: { runId } });

test("policies", async () => {
  const policies: Policies = {
    tools: { refund: { inDoubt: "once", timeout: 20_000 } },
    models: { "gpt-4.1": { retries: { times: 4, delay: 1000 } } },
    approve: { tools: ["refund"], when: ({ args }) => (args as { euros: number }).euros > 100 },
  };
  const { finalOutput } = await runtime.run(refunding(false), "Refund it.", {
    context: { notes: {} },
    durable: { policies },
  });
  expect(finalOutput).toContain("refund did paid");
});

test("an approval in the SDK's way", async () => {
  const agent = refunding(true);
  const options = optionsOf("refund-6");
  const refunded = async () => {
    const { state, interruptions } = await runtime.run(agent, "Refund it.", options());
    for (const item of interruptions) state.approve(item);
    const { finalOutput } = await runtime.run(agent, state, options());
    return finalOutput;
  };
  expect(await refunded()).toContain("refund did paid");
});

test("an approval by the handle", async () => {
  const agent = refunding(true);
  const options = optionsOf("refund-7");
  await runtime.run(agent, "Refund it.", options());
  const refunded = async () => {
    const handle = runtime.handle("refund-7");
    const [wait] = await handle.waits(); // { id: 7, kind: "approval", name: "refund", asked: { … } }
    await handle.approve(wait!.id, { by: "ana" }); // or reject(wait.id, { note }): the model is told the note
    const { finalOutput } = await runtime.run(agent, "Refund it.", options());
    return finalOutput;
  };
  expect(await refunded()).toContain("refund did paid");
});

test("a session by its name", async () => {
  const model = new FakeModel(quiet, "clerk", ({ input }) =>
    JSON.stringify(input).includes("My name is Ana.") ? "You are Ana." : "Who are you?",
  );
  const agent = new Agent({ name: "Clerk", model });
  const named = async () => {
    await runtime.run(agent, "My name is Ana.", { session: "customer-42" });
    const { finalOutput } = await runtime.run(agent, "What is my name?", {
      session: "customer-42",
    });
    return finalOutput;
  };
  expect(await named()).toBe("You are Ana.");
});

test("a stream", async () => {
  const agent = says("once upon a time");
  const shown: string[] = [];
  const show = ({ type }: { readonly type: string }) => shown.push(type);
  const stream = runtime.stream(agent, "Tell me.", { durable: { runId: "told" } });
  for await (const event of stream) show(event);
  expect(stream.finalOutput).toBe("once upon a time");
  expect(shown).toContain("raw_model_stream_event");
});
