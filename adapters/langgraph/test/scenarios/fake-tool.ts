import { type StructuredToolInterface, tool } from "@langchain/core/tools";
import { z } from "zod";
import type { Effect } from "./scenario.ts";

/** A tool that has one effect and answers with its own name and what it was asked. */
export function fakeTool(effect: Effect, name: string): StructuredToolInterface {
  return tool(
    async ({ q }) => {
      await effect(`tool: ${name} ${q}`);
      return `${name} found ${q}`;
    },
    { name, description: `Looks ${name} up.`, schema: z.object({ q: z.string() }) },
  );
}
