// Answers in ADK's own form: a run returns when it asks, and a message of function responses goes on with it.
import {
  AgentTool,
  FunctionTool,
  getPendingUserInputRequests,
  LlmAgent,
  LongRunningFunctionTool,
  type NodeContext,
  node,
  ParallelAgent,
  RequestInput,
  SequentialAgent,
  Workflow,
} from "@google/adk";
import { type InputOf, Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import "../src/index.ts";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";
import { oneToolAgent } from "./scenarios/one-tool-agent.ts";
import { plainEvent } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

const runtimes: Runtime[] = [];
afterEach(() => Promise.all(runtimes.splice(0).map((runtime) => runtime.close())));

const CONFIRMATION = "adk_request_confirmation";
const SESSION = { userId: "ann", sessionId: "s" };

type App = LlmAgent | ParallelAgent | SequentialAgent | Workflow;

/** An app whose turns are each taken by a process of its own. */
function conversation(build: (effect: Effect) => App) {
  const database = memoryDatabase();
  const effects: string[] = [];
  const start = () => {
    const runtime = new Runtime({ store: openMemoryStore(database) });
    runtimes.push(runtime);
    return runtime;
  };
  return {
    effects,
    runtime: start,
    async say(input: InputOf<LlmAgent>, durable = {}) {
      const app = build(async (name) => void effects.push(name)) as LlmAgent;
      const { events, ...rest } = await start().run(app, input, { ...SESSION, durable });
      return { ...rest, events, asked: getPendingUserInputRequests([...events]) };
    },
  };
}

function answer(name: string, id: string | undefined, response: Record<string, unknown>) {
  return { parts: [{ functionResponse: { id: id ?? "", name, response } }] };
}

const pays = (effect: Effect) => oneToolAgent(effect, "pay", { requireConfirmation: true });
const says = (effect: Effect, name: string) =>
  new LlmAgent({ name, model: new FakeLlm(effect, name, () => `${name} is done`) });

test("a confirmation is returned as ADK asks for it, and given as ADK is told it", async () => {
  const { say, effects } = conversation(pays);
  const { events, asked } = await say("Pay.");
  expect(asked).toMatchObject([{ kind: "confirmation", author: "pay", toolName: "pay_tool" }]);
  expect(events.at(-1)?.longRunningToolIds).toEqual([asked[0]!.interruptId]);
  expect(effects).toEqual(["model: pay (1)"]);
  const done = await say(answer(CONFIRMATION, asked[0]!.interruptId, { confirmed: true }));
  expect(done.output).toBe('pay is done: [{"did":"pay"}]');
  expect(effects).toEqual(["model: pay (1)", "tool: pay_tool pay", "model: pay (3)"]);
  const { interruptId } = asked[0]!;
  // The same again comes to the same; another one is too late.
  const again = await say(answer(CONFIRMATION, interruptId, { confirmed: true }));
  expect(again.output).toBe(done.output);
  const other = say(answer(CONFIRMATION, interruptId, { confirmed: false }));
  await expect(other).rejects.toMatchObject({ code: "WAIT_NOT_OPEN" });
  expect(effects).toHaveLength(3);
});

test("as ADK's own web page tells it, wrapped up as text, and with a no", async () => {
  const { say, effects } = conversation(pays);
  const { asked } = await say("Pay.");
  const response = { response: JSON.stringify({ confirmed: false }) };
  const done = await say(answer(CONFIRMATION, asked[0]!.interruptId, response));
  expect(done.output).toContain("This tool call is rejected.");
  expect(effects).not.toContain("tool: pay_tool pay");
});

test("with a payload, where the tool asks for one", async () => {
  const parameters = z.object({ amount: z.number() });
  const { say } = conversation(
    (effect) =>
      new LlmAgent({
        name: "payer",
        model: new FakeLlm(effect, "payer", (request) => {
          const [paid] = responses(request, "pay");
          return paid === undefined
            ? [{ name: "pay", args: { amount: 10 } }]
            : JSON.stringify(paid);
        }),
        tools: [
          new FunctionTool({
            name: "pay",
            description: "Pays.",
            parameters,
            execute: async ({ amount }, context) => {
              const { toolConfirmation } = context!;
              if (toolConfirmation !== undefined) return toolConfirmation.payload;
              context!.requestConfirmation({ hint: "How much?", payload: { amount } });
              return { error: "pending" };
            },
          }),
        ],
      }),
  );
  const { asked } = await say("Pay.");
  expect(asked).toMatchObject([{ message: "How much?", payload: { amount: 10 } }]);
  const response = { confirmed: true, payload: { amount: 3 } };
  const done = await say(answer(CONFIRMATION, asked[0]!.interruptId, response));
  expect(done.output).toBe('{"amount":3}');
});

test("in a sequence the next agent starts only after it", async () => {
  const { say, effects } = conversation(
    (effect) =>
      new SequentialAgent({
        name: "sequence",
        subAgents: [says(effect, "first"), pays(effect), says(effect, "third")],
      }),
  );
  const { asked } = await say("Pay.");
  expect(effects).toEqual(["model: first (1)", "model: pay (2)"]);
  const done = await say(answer(CONFIRMATION, asked[0]!.interruptId, { confirmed: true }));
  expect(done.output).toBe("third is done");
  expect(effects.slice(2)).toEqual(["tool: pay_tool pay", "model: pay (4)", "model: third (5)"]);
});

test("beside a branch that waits, the others go on to their end", async () => {
  const { say, effects } = conversation(
    (effect) =>
      new SequentialAgent({
        name: "root",
        subAgents: [
          new ParallelAgent({
            name: "both",
            subAgents: [pays(effect), oneToolAgent(effect, "look")],
          }),
          says(effect, "last"),
        ],
      }),
  );
  const { asked, events } = await say("Pay.");
  expect(events.map(plainEvent)).toContainEqual(expect.stringContaining("look is done"));
  expect(effects).not.toContain("model: last (9)");
  const before = effects.length;
  const done = await say(answer(CONFIRMATION, asked[0]!.interruptId, { confirmed: true }));
  expect(done.output).toBe("last is done");
  expect(effects.slice(before)[0]).toBe("tool: pay_tool pay");
  expect(effects.slice(before)).toHaveLength(3);
});

test("two questions in two branches are answered in whichever order, each its own, and an old answer is none", async () => {
  const { say, effects } = conversation(
    (effect) =>
      new ParallelAgent({
        name: "both",
        subAgents: ["pay", "buy"].map((name) =>
          oneToolAgent(effect, name, { requireConfirmation: true }),
        ),
      }),
  );
  const { asked } = await say("Pay and buy.");
  const idOf = (author: string) => asked.find((one) => one.author === author)?.interruptId;
  const first = await say(answer(CONFIRMATION, idOf("buy"), { confirmed: false }));
  expect(first.asked).toMatchObject([{ author: "pay" }]);
  expect(effects).not.toContain("tool: pay_tool pay");
  const late = say(answer(CONFIRMATION, idOf("buy"), { confirmed: true }));
  await expect(late).rejects.toMatchObject({ code: "WAIT_NOT_OPEN" });
  const done = await say(answer(CONFIRMATION, idOf("pay"), { confirmed: true }));
  expect(done.asked).toEqual([]);
  const lines = done.events.map(plainEvent).join("\n");
  expect(lines).toContain('pay is done: [{\\"did\\":\\"pay\\"}]');
  expect(lines).toContain("This tool call is rejected.");
  expect(effects.filter((name) => name.startsWith("tool"))).toEqual(["tool: pay_tool pay"]);
});

test("inside an agent used as a tool it is asked of whoever talks to the outer one", async () => {
  const { say, effects } = conversation(
    (effect) =>
      new LlmAgent({
        name: "boss",
        model: new FakeLlm(effect, "boss", (request) => {
          const [told] = responses(request, "pay");
          return told === undefined
            ? [{ name: "pay", args: { request: "Pay." } }]
            : JSON.stringify(told);
        }),
        tools: [new AgentTool({ agent: pays(effect) })],
      }),
  );
  const { asked } = await say("Pay.");
  expect(asked).toMatchObject([{ kind: "confirmation", author: "pay" }]);
  const done = await say(answer(CONFIRMATION, asked[0]!.interruptId, { confirmed: true }));
  expect(done.output).toContain("pay is done");
  expect(effects.filter((name) => name === "model: boss (1)")).toHaveLength(1);
});

test("a long-running tool without a result is answered by the response to its call", async () => {
  const { say, effects } = conversation(
    (effect) =>
      new LlmAgent({
        name: "asker",
        model: new FakeLlm(effect, "asker", (request) => {
          const [heard] = responses(request, "ask");
          return heard === undefined ? [{ name: "ask", args: {} }] : JSON.stringify(heard);
        }),
        tools: [
          new LongRunningFunctionTool({
            name: "ask",
            description: "Asks.",
            parameters: z.object({}),
            execute: async () => effect("asked"),
          }),
        ],
      }),
  );
  const { events } = await say("Ask.");
  const id = events.at(-1)?.longRunningToolIds?.[0];
  expect(id).toBeDefined();
  expect((await say(answer("ask", id, { choice: "kelp" }))).output).toBe('{"choice":"kelp"}');
  expect((await say(answer("ask", id, { choice: "kelp" }))).output).toBe('{"choice":"kelp"}');
  expect(effects).toEqual(["model: asker (1)", "asked", "model: asker (3)"]);
});

test("a tool that says what is pending ends the turn; what it comes to is a turn of its own", async () => {
  const { say, effects } = conversation(
    (effect) =>
      new LlmAgent({
        name: "clerk",
        model: new FakeLlm(effect, "clerk", (request) => {
          const heard = responses(request, "order");
          return heard.length === 0 ? [{ name: "order", args: {} }] : JSON.stringify(heard);
        }),
        tools: [
          new LongRunningFunctionTool({
            name: "order",
            description: "Orders.",
            parameters: z.object({}),
            execute: async () => {
              await effect("ordered");
              return { status: "pending", ticket: 7 };
            },
          }),
        ],
      }),
  );
  const { events, output } = await say("Order.");
  expect(output).toBe('[{"status":"pending","ticket":7}]');
  const id = events.find(({ longRunningToolIds }) => longRunningToolIds?.length)
    ?.longRunningToolIds?.[0];
  const done = await say(answer("order", id, { status: "done" }));
  expect(done.output).toContain('{"status":"done"}');
  expect(effects.filter((name) => name === "ordered")).toHaveLength(1);
});

test.each([true, false])(
  "a workflow that asks is answered in its next turn (the node runs again: %s)",
  async (rerunOnResume) => {
    const { say, effects } = conversation((effect) => {
      async function* ask(context: NodeContext, input: unknown) {
        await effect(`ask ${String(input)}`);
        const [given] = Object.values(context.resumeInputs ?? {});
        if (given === undefined) yield new RequestInput({ message: "How many?" });
        else yield { given };
      }
      const prepare = async (_: NodeContext, input: unknown) => {
        await effect("prepare");
        return `prepared ${String(input)}`;
      };
      const conclude = async (_: NodeContext, input: unknown) => {
        await effect("conclude");
        return JSON.stringify(input);
      };
      const asking = node(ask, { name: "ask", rerunOnResume });
      return new Workflow({ name: "flow", edges: [["START", prepare, asking, conclude]] });
    });
    const { asked, output } = await say("Go.");
    expect(asked).toMatchObject([{ kind: "input", message: "How many?" }]);
    expect(output).not.toBe("conclude");
    expect(effects).toEqual(["prepare", "ask prepared Go."]);
    const { interruptId, functionCallName } = asked[0]!;
    const done = await say(answer(functionCallName, interruptId, { result: 3 }));
    expect(effects.filter((name) => name === "prepare")).toHaveLength(1);
    expect(effects.at(-1)).toBe("conclude");
    expect(String(done.output)).toContain("3");
  },
);

test("an approval that a policy asks for is waited for: no answer of ADK's would be one to it", async () => {
  const { say, runtime, effects } = conversation((effect) => oneToolAgent(effect, "look"));
  const policies = { approve: { tools: ["look_tool"] } };
  const saying = say("Look.", { runId: "r", policies });
  const handle = runtime().handle("r");
  await expect.poll(() => handle.waits().catch(() => [])).toHaveLength(1);
  await handle.approve();
  expect((await saying).output).toContain("look is done");
  expect(effects).toHaveLength(3);
});
