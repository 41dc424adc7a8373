import { Agent, type FunctionTool, run, tool } from "@openai/agents";
import { z } from "zod";
import { type Answer, FakeModel, results } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Effect, Notes, Scenario } from "./scenario.ts";

const parameters: z.ZodObject<{ q: z.ZodString }> = z.object({ q: z.string() });

/**
 * All that goes wrong without ending a run, side by side: tools that fail and say so in the SDK's words or
 * in their own; and agents as tools whose runs end in a tripwire, in too many
 * turns, in a guardrail of a tool that throws, and in failures that nobody puts into words.
 */
export const mishaps: Scenario = {
  name: "mishaps",
  build: (effect) => {
    const tools = [
      failing(effect, "breaks"),
      failing(effect, "stumbles", { errorFunction: (_, error) => `stumbled: ${error}` }),
      ...agents(effect).map(asking),
      tripped(effect).asTool({ toolName: "tripped", toolDescription: "Asks." }),
    ];
    const app = new Agent<Notes>({
      name: "foreman",
      model: new FakeModel(effect, "foreman", (request) =>
        results(request).size === 0
          ? tools.map(({ name }) => ({ name, args: { q: name, input: name }, id: `to_${name}` }))
          : [...results(request).values()].map((output) => JSON.stringify(output)).join("\n"),
      ),
      tools,
    });
    return { app, input: "Try everything.", options: { context: { notes: {} } } };
  },
};

function agents(effect: Effect): readonly Agent<Notes>[] {
  const uses = (name: string, one: Agent<Notes>["tools"][number]) =>
    new Agent<Notes>({ name, model: calling(effect, name, one.name), tools: [one] });
  return [
    uses("circling", fakeTool(effect, "circle")),
    uses("stopped", guarded(effect)),
    uses("broken", failing(effect, "break", { errorFunction: null })),
  ];
}

function tripped(effect: Effect): Agent<Notes> {
  return new Agent<Notes>({
    name: "tripped",
    model: new FakeModel(effect, "tripped", () => "never heard"),
    inputGuardrails: [
      {
        name: "nothing",
        runInParallel: false,
        async execute() {
          await effect("guardrail: nothing");
          return { tripwireTriggered: true, outputInfo: "nothing goes" };
        },
      },
    ],
  });
}

/** A tool that has the agent run, and says how that failed. */
export function asking(agent: Agent<Notes>): FunctionTool<Notes> {
  return tool<typeof parameters, Notes>({
    name: agent.name,
    description: "Asks.",
    parameters,
    async execute({ q }, context) {
      return (await run(agent, q, { context: context!.context, maxTurns: 2 })).finalOutput;
    },
    errorFunction: (_, error) => `${(error as Error).name}: ${(error as Error).message}`,
  }) as never;
}

/** Calls the tool again and again. */
function calling(effect: Effect, name: string, toolName: string): FakeModel {
  return new FakeModel(effect, name, (request): Answer => {
    const nth = results(request).size + 1;
    return [{ name: toolName, args: { q: `${nth}` }, id: `${name}_${nth}` }];
  });
}

type ToolOptions = Partial<Parameters<typeof tool<typeof parameters, Notes>>[0]>;

function failing(effect: Effect, name: string, options: ToolOptions = {}): FunctionTool<Notes> {
  return tool<typeof parameters, Notes>({
    name,
    description: "Fails.",
    parameters,
    ...options,
    async execute({ q }: { readonly q: string }) {
      await effect(`tool: ${name} ${q}`);
      throw new Error(`${name} cannot`);
    },
  } as never) as never;
}

function guarded(effect: Effect): FunctionTool<Notes> {
  return tool<typeof parameters, Notes>({
    name: "look",
    description: "Looks.",
    parameters,
    async execute({ q }) {
      await effect(`tool: look ${q}`);
      return `saw ${q}`;
    },
    outputGuardrails: [
      {
        name: "blind",
        async run() {
          await effect("guardrail: blind");
          return { behavior: { type: "throwException" } };
        },
      },
    ],
  }) as never;
}
