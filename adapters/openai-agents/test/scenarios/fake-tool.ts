import { type FunctionTool, type RunContext, tool } from "@openai/agents";
import { z } from "zod";
import type { Effect, Notes } from "./scenario.ts";

const parameters: z.ZodObject<{ q: z.ZodString }> = z.object({ q: z.string() });

/** A tool that has one effect, notes it in the run's context, and answers with what it was asked. */
export function fakeTool(
  effect: Effect,
  name: string,
  options: { readonly needsApproval?: boolean } = {},
): FunctionTool<Notes, typeof parameters, string> {
  return tool({
    name,
    description: `Does ${name}.`,
    parameters,
    needsApproval: options.needsApproval ?? false,
    execute: async ({ q }, run?: RunContext<Notes>) => {
      await effect(`tool: ${name} ${q}`);
      if (run !== undefined) run.context.notes[`${name} ${q}`] = "done";
      return `${name} did ${q}`;
    },
  });
}
