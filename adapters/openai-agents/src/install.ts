/**
 * Puts the interception in place, once for each copy of the SDK. The SDK asks an agent for its tools and
 * handoffs in every turn: that is where it is handed durable ones, and where models that are no
 * runner's are found.
 */
import { intercept } from "@holdfast/core/adapter";
import type { Agent, Handoff, Tool } from "@openai/agents";
import { ASKED_OF_CONTEXT } from "./answers.ts";
import { interceptGuardrails } from "./guardrail-step.ts";
import { durableHandoff } from "./handoff-step.ts";
import { interceptMcpServers } from "./mcp-step.ts";
import { interceptModel } from "./model-step.ts";
import { interceptRunner } from "./runner-scope.ts";
import { notAsTested, type SdkCopy } from "./sdk.ts";
import { durableTool } from "./tool-step.ts";

const installed = new WeakSet<SdkCopy>();

/** Throws UNSUPPORTED_FRAMEWORK_VERSION if the copy is not as it was tested. */
export function install(copy: SdkCopy): void {
  if (installed.has(copy)) return;
  interceptRunner(copy);
  const { prototype } = copy.agents.Agent;
  const isThere =
    intercept<Agent<unknown>, unknown[], Promise<Tool<unknown>[]>>(
      prototype,
      "getAllTools",
      async ({ target, original }, ...args) => {
        interceptModel(target.model);
        interceptGuardrails(target);
        await interceptMcpServers(target, copy);
        return (await original(...args)).map((tool) => durableTool(tool, copy));
      },
    ) &&
    intercept<Agent<unknown>, unknown[], Promise<Handoff<unknown>[]>>(
      prototype,
      "getEnabledHandoffs",
      async ({ original }, ...args) => (await original(...args)).map(durableHandoff),
    );
  if (!isThere) throw notAsTested("Agent.getAllTools or Agent.getEnabledHandoffs");
  if (!ASKED_OF_CONTEXT.every((name) => name in copy.agents.RunContext.prototype)) {
    throw notAsTested(`RunContext.${ASKED_OF_CONTEXT.join(" or RunContext.")}`);
  }
  installed.add(copy);
}
