// Answers in ADK's own form to what is no confirmation: calls of long-running tools, and questions of workflows.
import {
  LlmAgent,
  LongRunningFunctionTool,
  type NodeContext,
  node,
  RequestInput,
  Workflow,
} from "@google/adk";
import { expect, test } from "vitest";
import { z } from "zod";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";
import { oneToolAgent } from "./scenarios/one-tool-agent.ts";
import { answer, turnByTurn } from "./turn-by-turn.ts";

test("a long-running tool without a result is answered by the response to its call", async () => {
  const { say, effects } = turnByTurn(
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
  const { say, effects } = turnByTurn(
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
    const { say, effects } = turnByTurn((effect) => {
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
  const { say, runtime, effects } = turnByTurn((effect) => oneToolAgent(effect, "look"));
  const policies = { approve: { tools: ["look_tool"] } };
  const saying = say("Look.", { runId: "r", policies });
  const handle = runtime().handle("r");
  await expect.poll(() => handle.waits().catch(() => [])).toHaveLength(1);
  await handle.approve();
  expect((await saying).output).toContain("look is done");
  expect(effects).toHaveLength(3);
});
