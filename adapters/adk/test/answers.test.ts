// Confirmations in ADK's own form: a run returns when it asks, and a message of function responses goes on with it.
import {
  AgentTool,
  FunctionTool,
  getPendingUserInputRequests,
  LlmAgent,
  LoopAgent,
  ParallelAgent,
  SequentialAgent,
  ToolNode,
  Workflow,
} from "@google/adk";
import { expect, test } from "vitest";
import { z } from "zod";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { oneToolAgent } from "./scenarios/one-tool-agent.ts";
import { plainEvent } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";
import { answer, turnByTurn } from "./turn-by-turn.ts";

const CONFIRMATION = "adk_request_confirmation";

const pays = (effect: Effect) => oneToolAgent(effect, "pay", { requireConfirmation: true });
const says = (effect: Effect, name: string) =>
  new LlmAgent({ name, model: new FakeLlm(effect, name, () => `${name} is done`) });

test("a confirmation is returned as ADK asks for it, and given as ADK is told it", async () => {
  const { say, effects } = turnByTurn(pays);
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

test("a turn that is answered goes on with the state it was begun with", async () => {
  const { runtime } = turnByTurn(pays);
  const app = () => pays(async () => {});
  const session = { userId: "ann", sessionId: "s" };
  const first = await runtime().run(app(), "Pay.", { ...session, stateDelta: { locale: "de" } });
  const [asked] = getPendingUserInputRequests([...first.events]);
  const given = { ...session, stateDelta: { locale: "fr", mood: "calm" } };
  const done = await runtime().run(
    app(),
    answer(CONFIRMATION, asked!.interruptId, { confirmed: true }),
    given,
  );
  expect(done.state).toMatchObject({ locale: "de", mood: "calm" });
  const { state } = await runtime().run(app(), "Pay.", session);
  expect(state).toMatchObject({ locale: "de", mood: "calm" });
});

test("as ADK's own web page tells it, wrapped up as text, and with a no", async () => {
  const { say, effects } = turnByTurn(pays);
  const { asked } = await say("Pay.");
  const response = { response: JSON.stringify({ confirmed: false }) };
  const done = await say(answer(CONFIRMATION, asked[0]!.interruptId, response));
  expect(done.output).toContain("This tool call is rejected.");
  expect(effects).not.toContain("tool: pay_tool pay");
});

test("with a payload, where the tool asks for one", async () => {
  const parameters = z.object({ amount: z.number() });
  const { say } = turnByTurn(
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
  const { say, effects } = turnByTurn(
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
  const { say, effects } = turnByTurn(
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
  const { say, effects } = turnByTurn(
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
  const { say, effects } = turnByTurn(
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

/** Pays whenever it was not just answered, with a call that always has the same id. */
const paysByOneId = (effect: Effect, name: string) =>
  new LlmAgent({
    name,
    model: new FakeLlm(effect, name, ({ contents }) =>
      contents.at(-1)?.parts?.[0]?.functionResponse === undefined
        ? [{ id: "call_0", name: "pay", args: { q: `${name} ${contents.length}` } }]
        : "paid",
    ),
    tools: [fakeTool(effect, "pay", { requireConfirmation: true })],
  });

test("calls that have one id in two branches are two questions, each with its own answer", async () => {
  const { say, effects } = turnByTurn(
    (effect) =>
      new ParallelAgent({
        name: "both",
        subAgents: ["ann", "bob"].map((name) => paysByOneId(effect, name)),
      }),
  );
  const { asked, events } = await say("Pay.");
  expect(new Set(asked.map(({ interruptId }) => interruptId)).size).toBe(2);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  const ofBob = asked.find(({ author }) => author === "bob")!.interruptId;
  const then = await say(answer(CONFIRMATION, ofBob, { confirmed: true }));
  expect(then.asked).toMatchObject([{ author: "ann" }]);
  expect(effects.filter((name) => name.startsWith("tool"))).toEqual(["tool: pay bob 1"]);
});

test("an answer that is sent again does not approve the next call of the same id", async () => {
  const { say, effects } = turnByTurn(
    (effect) =>
      new SequentialAgent({
        name: "root",
        subAgents: [
          new LoopAgent({ name: "loop", maxIterations: 2, subAgents: [paysByOneId(effect, "a")] }),
        ],
      }),
  );
  const { asked } = await say("Pay.");
  const yes = answer(CONFIRMATION, asked[0]!.interruptId, { confirmed: true });
  const then = await say(yes);
  const again = await say(yes);
  expect(again.asked).toEqual(then.asked);
  expect(effects.filter((name) => name.startsWith("tool"))).toEqual(["tool: pay a 1"]);
  await say(answer(CONFIRMATION, then.asked[0]!.interruptId, { confirmed: true }));
  const paid = effects.filter((name) => name.startsWith("tool"));
  expect(paid).toEqual(["tool: pay a 1", "tool: pay a 4"]);
});

test("an answer with a text beside it is one", async () => {
  const { say, effects } = turnByTurn(pays);
  const { asked } = await say("Pay.");
  const { interruptId: id } = asked[0]!;
  const functionResponse = { id, name: CONFIRMATION, response: { confirmed: true } };
  await say({ parts: [{ functionResponse }, { text: "Be quick." }] });
  expect(effects).toContain("tool: pay_tool pay");
});

test("a tool that is a node of a workflow asks in its own name", async () => {
  const { say, effects } = turnByTurn((effect) => {
    const pay = new ToolNode(fakeTool(effect, "pay", { requireConfirmation: true }));
    return new Workflow({ name: "flow", edges: [["START", pay]] });
  });
  const { asked } = await say('{"q":"it"}');
  expect(asked).toMatchObject([{ kind: "confirmation", author: "pay", toolName: "pay" }]);
  await say(answer(CONFIRMATION, asked[0]!.interruptId, { confirmed: true }));
  expect(effects).toEqual(["tool: pay it"]);
});
