/** Agents of kinds that cannot be made durable, told from others before anything runs. */
import { HoldfastError } from "@holdfast/core";
import type { AnyAgent } from "./app.ts";
import type { SdkCopy } from "./sdk.ts";

const REASONS: ReadonlyMap<string, string> = new Map([
  [
    "RealtimeAgent",
    "what is said to it and by it is a live connection, which no journal can take up",
  ],
  ["SandboxAgent", "what it did in its sandbox does not come back with the journal"],
]);

/** Throws APP_NOT_RECOGNISED if the agent, or one that it hands off to or has as a tool, is of such a kind. */
export function refuseUnsupported(agent: AnyAgent, { internals }: SdkCopy): void {
  const reached = new Set([agent]);
  for (const one of reached) {
    const kind = kindOf(one);
    const reason = kind && REASONS.get(kind);
    if (reason !== undefined) {
      throw new HoldfastError(
        "APP_NOT_RECOGNISED",
        `The agent "${one.name}" is a ${kind}, which cannot be run durably: ${reason}.`,
        {
          hint: "Run it with the SDK alone, from inside a step() if it is a part of something durable.",
          details: { agent: one.name, kind },
        },
      );
    }
    for (const next of one.handoffs) reached.add("agent" in next ? next.agent : next);
    for (const tool of one.tools) {
      const inside = internals.getAgentToolSourceAgent(tool);
      if (inside !== undefined) reached.add(inside as AnyAgent);
    }
  }
}

function kindOf(agent: object): string | undefined {
  for (let at: unknown = agent; typeof at === "object" && at !== null; ) {
    const { name } = at.constructor;
    if (REASONS.has(name)) return name;
    at = Object.getPrototypeOf(at);
  }
  return undefined;
}
