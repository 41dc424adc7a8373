import { setTimeout as sleep } from "node:timers/promises";
import { Agent, type FunctionTool, tool } from "@openai/agents";
import { z } from "zod";
import { FakeModel, results } from "./fake-model.ts";
import { asking } from "./mishaps.ts";
import type { Effect, Notes, Scenario } from "./scenario.ts";

/**
 * Three tools side by side that take too long: of one the model is told in the SDK's words, of one in the
 * tool's own; the third asks an agent whose run its own tool's time limit ends. A fourth is quick enough.
 */
export const timeLimits: Scenario = {
  name: "time-limits",
  build: (effect) => {
    const tools = [
      slow(effect, "waits"),
      slow(effect, "stalls", { timeoutErrorFunction: (_, { timeoutMs }) => `over ${timeoutMs}` }),
      asking(endless(effect)),
      slow(effect, "hurries", { timeoutMs: 60_000 }, 0),
    ];
    const app = new Agent<Notes>({
      name: "Foreman",
      model: new FakeModel(effect, "foreman", (request) =>
        results(request).size === 0
          ? tools.map(({ name }) => ({ name, args: { q: name }, id: `to_${name}` }))
          : [...results(request).values()].map((output) => JSON.stringify(output)).join("\n"),
      ),
      tools,
    });
    return { app, input: "Hurry.", options: { context: { notes: {} } } };
  },
};

/** One whose run ends when its tool takes too long. */
export function endless(effect: Effect): Agent<Notes> {
  return new Agent<Notes>({
    name: "endless",
    model: new FakeModel(effect, "endless", () => [
      { name: "hangs", args: { q: "long" }, id: "endless_1" },
    ]),
    tools: [slow(effect, "hangs", { timeoutBehavior: "raise_exception" })],
  });
}

const parameters: z.ZodObject<{ q: z.ZodString }> = z.object({ q: z.string() });

type Details = { readonly signal?: AbortSignal };
type ToolOptions = Partial<Parameters<typeof tool<typeof parameters, Notes>>[0]>;

function slow(
  effect: Effect,
  name: string,
  options: ToolOptions = {},
  takesMs = 60_000,
): FunctionTool<Notes> {
  return tool<typeof parameters, Notes>({
    name,
    description: "Takes its time.",
    parameters,
    timeoutMs: 20,
    ...options,
    async execute({ q }: { readonly q: string }, _: unknown, details?: Details) {
      await effect(`tool: ${name} ${q}`);
      await sleep(takesMs, undefined, { signal: details?.signal });
      return `${name} is done`;
    },
  } as never) as never;
}
