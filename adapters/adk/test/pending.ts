// A tool that says what is pending, and is told in the next turn what came of it.
import { type Event, LlmAgent, LongRunningFunctionTool } from "@google/adk";
import type { InputOf } from "@holdfast/core";
import { z } from "zod";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** Both turns are parts of one run. */
export const pending: Scenario = {
  name: "pending",
  run({ runtime, runId, effect }) {
    const twoTurns = async () => {
      const say = (input: InputOf<LlmAgent>, turn: string) =>
        runtime.run(clerk(effect), input, { sessionId: "s", durable: { runId: turn } });
      const first = await say("Order.", "first");
      const second = await say(answerTo(first.events), "second");
      return [first.output, second.output];
    };
    return runtime.run(twoTurns, undefined, { durable: { runId } });
  },
};

/** The same as turns of their own, each a run: what happens is counted in the first, both are killed. */
export const pendingInTurns: Scenario = {
  name: "pending, in turns",
  async run({ runtime, runId, effect }) {
    const say = (of: Effect, input: InputOf<LlmAgent>, turn: string) =>
      runtime.run(clerk(of), input, { sessionId: runId, durable: { runId: turn } });
    const first = await say(effect, "Order.", runId);
    const quiet = async () => {};
    const second = await say(quiet, answerTo(first.events), `${runId} answered`);
    return [first.output, second.output];
  },
};

function answerTo(events: readonly Event[]) {
  const id = events.flatMap(({ longRunningToolIds = [] }) => longRunningToolIds)[0]!;
  const functionResponse = { id, name: "order", response: { status: "done" } };
  return { parts: [{ functionResponse }] };
}

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
