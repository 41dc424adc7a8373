// People decide on calls of tools: by policy, and where a tool asks for confirmation itself.
import { AgentTool, FunctionTool, LlmAgent, LongRunningFunctionTool } from "@google/adk";
import type { Policies, RunHandle } from "@holdfast/core";
import type { Wait } from "@holdfast/core/store";
import { expect, test } from "vitest";
import { z } from "zod";
import { inMemory, type Scenario, survive } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { crashScenario } from "./crash-scenario.ts";
import { confirmedWithin } from "./scenarios/confirmed-within.ts";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";
import type { Effect } from "./scenarios/scenario.ts";

const amount = z.object({ amount: z.number() });

/** Calls its tool once for each amount, all at once, and then says what it was answered. */
function payer(effect: Effect, tool: FunctionTool<typeof amount>, amounts = [10]): LlmAgent {
  return new LlmAgent({
    name: "payer",
    description: "Pays.",
    model: new FakeLlm(effect, "payer", (request) => {
      const answers = responses(request, tool.name);
      return answers.length === 0
        ? amounts.map((of) => ({ name: tool.name, args: { amount: of } }))
        : JSON.stringify(answers);
    }),
    tools: [tool],
  });
}

function paying(effect: Effect, requireConfirmation = false): FunctionTool<typeof amount> {
  return new FunctionTool({
    name: "pay",
    description: "Pays.",
    parameters: amount,
    requireConfirmation,
    execute: async ({ amount: of }) => {
      await effect(`paid ${of}`);
      return { paid: of };
    },
  });
}

interface Case {
  build(effect: Effect): LlmAgent;
  answer(wait: Wait, handle: RunHandle): Promise<void>;
  readonly policies?: Policies;
}

function scenarioOf({ build, answer, policies = {} }: Case): Scenario {
  return {
    name: "approvals",
    options: { policies },
    async run({ runtime, runId, effect }) {
      const { output } = await runtime.run(build(effect), "Go.", {
        durable: { runId, until: "end" },
      });
      return output;
    },
    async answer(wait, { handle }) {
      if (wait.kind !== "doubt") return answer(wait, handle);
      // Of a call that was approved, a person says that it is to be made again.
      const { step } = JSON.parse(wait.body!) as { readonly step: number };
      return handle.settle(step, "retry");
    },
  };
}

/** Runs it in memory; its output, and what happened outside after the first call of the model. */
async function run(given: Case) {
  const { ending, outside } = await survive(scenarioOf(given), { database: inMemory() });
  if (ending.is === "threw") throw ending.error;
  return { output: String(ending.output), effects: [...outside.counts.keys()].slice(1) };
}

test("a policy asks about a tool that knows nothing of it; what was approved can be edited", async () => {
  const { output, effects } = await run({
    build: (effect) => payer(effect, paying(effect)),
    policies: {
      approve: { tools: ["pay"], when: ({ args }) => (args as { amount: number }).amount > 5 },
    },
    answer: ({ seq }, handle) => handle.approve(seq, { args: { amount: 7 } }),
  });
  expect(output).toBe('[{"paid":7}]');
  expect(effects).toEqual(["paid 7", "model: payer (3)"]);
});

test("a call that a policy's approver rejects is one that ADK rejects, with the reason", async () => {
  const { output, effects } = await run({
    build: (effect) => payer(effect, paying(effect)),
    policies: { approve: { tools: ["pay"] } },
    answer: ({ seq }, handle) => handle.reject(seq, { note: "too much" }),
  });
  expect(JSON.parse(output)).toEqual([
    { error: "This tool call is rejected.", reason: "too much" },
  ]);
  expect(effects).toEqual(["model: payer (3)"]);
});

test("two confirmations of one model call are asked one after the other, each for its own call", async () => {
  const { output, effects } = await run({
    build: (effect) => payer(effect, paying(effect, true), [10, 20]),
    answer: ({ seq, body }, handle) =>
      body?.includes("20") ? handle.approve(seq) : handle.reject(seq),
  });
  expect(JSON.parse(output)).toEqual([{ error: "This tool call is rejected." }, { paid: 20 }]);
  expect(effects).toEqual(["paid 20", "model: payer (3)"]);
});

test("a tool that asks from within is given the payload that the person has changed", async () => {
  const { ending, outside } = await survive(crashScenario(confirmedWithin), {
    database: inMemory(),
  });
  const events = expect.arrayContaining([expect.stringContaining('paid {\\"allowed\\":3}')]);
  expect(ending).toMatchObject({ is: "returned", output: { events } });
  expect([...outside.counts.keys()]).toEqual([
    "model: payer (1)",
    "tool: asks",
    "tool: pays",
    "model: payer (3)",
  ]);
});

test("a confirmation inside an agent used as a tool is waited for in place", async () => {
  const { output, effects } = await run({
    build: (effect) => {
      const agent = payer(effect, paying(effect, true));
      return new LlmAgent({
        name: "boss",
        model: new FakeLlm(effect, "boss", (request) => {
          const [answer] = responses(request, "payer");
          return answer === undefined
            ? [{ name: "payer", args: { request: "Pay." } }]
            : JSON.stringify(answer);
        }),
        tools: [new AgentTool({ agent })],
      });
    },
    answer: ({ seq }, handle) => handle.approve(seq),
  });
  expect(output).toBe(JSON.stringify({ result: '[{"paid":10}]' }));
  expect(effects).toEqual(["model: payer (1)", "paid 10", "model: payer (3)", "model: boss (3)"]);
});

test("a long-running tool that says what is pending goes on as with ADK: the model is told", async () => {
  const { output } = await run({
    build: (effect) =>
      payer(
        effect,
        new LongRunningFunctionTool({
          name: "pay",
          description: "Pays.",
          parameters: amount,
          execute: async () => ({ status: "pending", ticket: 1 }),
        }),
      ),
    answer: () => Promise.reject(new Error("Nobody is to be asked.")),
  });
  expect(output).toBe('[{"status":"pending","ticket":1}]');
});
