// A tool that says what is pending, and is told in the next turn what came of it: both are parts of one run.
import { LlmAgent, LongRunningFunctionTool } from "@google/adk";
import type { InputOf } from "@holdfast/core";
import { z } from "zod";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";
import type { Effect } from "./scenarios/scenario.ts";

export const pending: Scenario = {
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

function clerk(effect: Effect): LlmAgent {
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
}
