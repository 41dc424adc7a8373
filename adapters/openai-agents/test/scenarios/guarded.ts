import { Agent, type RunContext, run, tool } from "@openai/agents";
import { z } from "zod";
import { FakeModel, results } from "./fake-model.ts";
import type { Effect, Notes, Scenario } from "./scenario.ts";

/**
 * Guardrails of every kind: one that is waited for, one beside the model that asks an agent of its own,
 * two around a tool, of which one rejects, and one of the output, which notes something in the context.
 */
export const guarded: Scenario = {
  name: "guarded",
  build: (effect) => {
    const judge = new Agent<Notes>({
      name: "Judge",
      model: new FakeModel(effect, "judge", () => "harmless"),
    });
    const app = new Agent<Notes>({
      name: "Clerk",
      model: new FakeModel(effect, "clerk", (request) =>
        results(request).size === 0
          ? [
              { name: "look", args: { q: "here" }, id: "clerk_1" },
              { name: "look", args: { q: "secret" }, id: "clerk_2" },
            ]
          : [...results(request).values()].map((output) => JSON.stringify(output)).join(" and "),
      ),
      tools: [guardedTool(effect)],
      inputGuardrails: [
        {
          name: "length",
          runInParallel: false,
          async execute({ input }) {
            await effect("guardrail: length");
            return { tripwireTriggered: input.length > 1_000, outputInfo: { at: input.length } };
          },
        },
        {
          name: "judged",
          async execute({ input, context }) {
            const { finalOutput } = await run(judge, input, { context: context.context as Notes });
            return { tripwireTriggered: finalOutput !== "harmless", outputInfo: finalOutput };
          },
        },
      ],
      outputGuardrails: [
        {
          name: "polite",
          async execute({ agentOutput, context }) {
            await effect("guardrail: polite");
            (context as RunContext<Notes>).context.notes.polite = "yes";
            return { tripwireTriggered: false, outputInfo: String(agentOutput).length };
          },
        },
      ],
    });
    return { app, input: "Look around.", options: { context: { notes: {} } } };
  },
};

function guardedTool(effect: Effect) {
  return tool({
    name: "look",
    description: "Looks.",
    parameters: z.object({ q: z.string() }),
    async execute({ q }) {
      await effect(`tool: look ${q}`);
      return `saw ${q}`;
    },
    inputGuardrails: [
      {
        name: "no secrets",
        async run({ toolCall }) {
          await effect(`guardrail: no secrets in ${toolCall.arguments}`);
          const isSecret = toolCall.arguments.includes("secret");
          const behavior = isSecret
            ? ({ type: "rejectContent", message: "Not that." } as const)
            : ({ type: "allow" } as const);
          return { behavior, outputInfo: isSecret };
        },
      },
    ],
    outputGuardrails: [
      {
        name: "short",
        async run({ output }) {
          await effect(`guardrail: short ${output}`);
          return { behavior: { type: "allow" }, outputInfo: String(output).length };
        },
      },
    ],
  });
}
