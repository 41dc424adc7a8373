import { FunctionTool } from "@google/adk";
import { z } from "zod";
import type { Effect } from "./scenario.ts";

const parameters: z.ZodObject<{ q: z.ZodString }> = z.object({ q: z.string() });

/** A tool that has one effect, notes it in the session's state, and answers with what it was asked. */
export function fakeTool(
  effect: Effect,
  name: string,
  options: { readonly requireConfirmation?: boolean } = {},
): FunctionTool<typeof parameters> {
  return new FunctionTool({
    name,
    description: `Does ${name}.`,
    parameters,
    requireConfirmation: options.requireConfirmation ?? false,
    execute: async ({ q }, context) => {
      await effect(`tool: ${name} ${q}`);
      context?.state.set(`${name} ${q}`, "done");
      return { did: q };
    },
  });
}
