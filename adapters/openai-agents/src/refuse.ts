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
export function refuseUnsupported(agent: AnyAgent, copy: SdkCopy): void {
  const error = whyUnsupported(agent, copy);
  if (error !== undefined) throw error;
}

export function whyUnsupported(agent: AnyAgent, { internals }: SdkCopy): HoldfastError | undefined {
  const reached = new Set([agent]);
  for (const one of reached) {
    const kind = kindOf(one);
    if (kind !== undefined) return unsupported(one.name, kind);
    for (const next of one.handoffs) reached.add("agent" in next ? next.agent : next);
    for (const tool of one.tools) {
      const inside = internals.getAgentToolSourceAgent(tool);
      if (inside !== undefined) reached.add(inside as AnyAgent);
    }
  }
  return undefined;
}

function unsupported(agent: string, kind: string): HoldfastError {
  return new HoldfastError(
    "APP_NOT_RECOGNISED",
    `The agent "${agent}" is a ${kind}, which cannot be run durably: ${REASONS.get(kind)}.`,
    {
      hint: "Run it with the SDK alone. In a step() or in the body of a tool it is run as a whole, and again if that did not end.",
      details: { agent, kind },
    },
  );
}

function kindOf(agent: object): string | undefined {
  for (let at: unknown = agent; typeof at === "object" && at !== null; ) {
    const { name } = at.constructor;
    if (REASONS.has(name)) return name;
    at = Object.getPrototypeOf(at);
  }
  return undefined;
}
