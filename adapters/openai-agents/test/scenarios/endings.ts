import { Agent, tool } from "@openai/agents";
import { z } from "zod";
import { type Answer, FakeModel, results } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Effect, Notes, Scenario } from "./scenario.ts";
import { endless } from "./time-limits.ts";

/** Each ends in an error of the SDK's: a tool's time limit, too many turns, a tripwire, a tool that breaks. */
export const endings: readonly Scenario[] = [
  ending("ends-of-time", endless),
  ending("ends-of-turns", (effect) =>
    agent(effect, (nth) => [{ name: "circle", args: { q: `${nth}` }, id: `c${nth}` }], {
      tools: [fakeTool(effect, "circle")],
    }),
  ),
  ending("ends-of-tripwire", (effect) =>
    agent(effect, () => "what must not be said", {
      outputGuardrails: [
        {
          name: "silence",
          async execute({ agentOutput }) {
            await effect(`guardrail: silence on ${String(agentOutput)}`);
            return { tripwireTriggered: true, outputInfo: "not that" };
          },
        },
      ],
    }),
  ),
  ending("ends-of-failure", (effect) =>
    agent(effect, () => [{ name: "breaks", args: {}, id: "c1" }], {
      tools: [
        tool({
          name: "breaks",
          description: "Breaks.",
          parameters: z.object({}),
          errorFunction: null,
          async execute() {
            await effect("tool: breaks");
            throw new Error("broken");
          },
        }),
      ],
    }),
  ),
];

function ending(name: string, app: (effect: Effect) => Agent<Notes>): Scenario {
  return {
    name,
    fails: true,
    build: (effect) => ({
      app: app(effect),
      input: "Go.",
      options: { context: { notes: {} }, maxTurns: 2 },
    }),
  };
}

function agent(
  effect: Effect,
  answer: (nth: number) => Answer,
  parts: Partial<Agent<Notes>>,
): Agent<Notes> {
  const model = new FakeModel(effect, "clerk", (request) => answer(results(request).size));
  return new Agent<Notes>({ name: "Clerk", model, ...parts } as never);
}
