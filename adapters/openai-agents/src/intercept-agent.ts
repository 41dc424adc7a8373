/**
 * Where an agent says what it offers. The SDK asks it in every turn: there it is handed durable tools and
 * handoffs, and models that are no runner's are found. Invariant: so it is for classes of the user's, too,
 * that add to what the SDK's class says; nothing is made durable twice.
 */
import { intercept } from "@holdfast/core/adapter";
import type { Agent, Handoff, Tool } from "@openai/agents";
import { interceptGuardrails } from "./guardrail-step.ts";
import { durableHandoff } from "./handoff-step.ts";
import { interceptMcpServers } from "./mcp-step.ts";
import { interceptModel } from "./model-step.ts";
import { ownerOf } from "./owner-of.ts";
import type { SdkCopy } from "./sdk.ts";
import { durableTool } from "./tool-step.ts";

/**
 * @param agent one that is about to run, or a prototype
 * @returns whether it says what it offers as the SDK's class does
 */
export function interceptAgent(agent: object, copy: SdkCopy): boolean {
  const tools = ownerOf(agent, "getAllTools");
  const handoffs = ownerOf(agent, "getEnabledHandoffs");
  if (tools === undefined || handoffs === undefined) return false;
  return (
    intercept<Agent<unknown>, unknown[], Promise<Tool<unknown>[]>>(
      tools,
      "getAllTools",
      async ({ target, original }, ...args) => {
        interceptModel(target.model);
        interceptGuardrails(target);
        await interceptMcpServers(target, copy);
        return (await original(...args)).map((tool) => durableTool(tool, copy));
      },
    ) &&
    intercept<Agent<unknown>, unknown[], Promise<Handoff<unknown>[]>>(
      handoffs,
      "getEnabledHandoffs",
      async ({ original }, ...args) =>
        (await original(...args)).map((handoff) =>
          durableHandoff(handoff, (next) => interceptAgent(next, copy)),
        ),
    )
  );
}
