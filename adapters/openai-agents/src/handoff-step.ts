/** Handoffs as steps: what is recorded of one is which agent it went to. The SDK runs one a turn. */
import { HoldfastError } from "@holdfast/core";
import { findRun } from "@holdfast/core/adapter";
import type { Handoff, RunContext as SdkContext } from "@openai/agents";
import { currentAgentRun } from "./agent-run.ts";
import type { AnyAgent } from "./app.ts";
import { ContextEffect } from "./context-effect.ts";
import { liveStep } from "./live-step.ts";

const durable = new WeakSet<object>();

/** The handoff as the SDK is to have it. `onGoing` is told of the agent before that runs. */
export function durableHandoff(
  handoff: Handoff<unknown>,
  onGoing: (agent: AnyAgent) => void,
): Handoff<unknown> {
  if (durable.has(handoff)) return handoff;
  const copy = handoff.clone({
    async onInvokeHandoff(context: SdkContext<unknown>, args: string) {
      const invoke = () => invokeDurably(handoff, context, args);
      const agent = await (currentAgentRun()?.inTurn(invoke) ?? invoke());
      onGoing(agent);
      return agent;
    },
  });
  durable.add(copy);
  return copy;
}

async function invokeDurably(
  handoff: Handoff<unknown>,
  context: SdkContext<unknown>,
  args: string,
): Promise<AnyAgent> {
  const run = findRun();
  if (run === undefined) return handoff.onInvokeHandoff(context, args);
  const agentRun = currentAgentRun();
  const effect = new ContextEffect(context, run.codec);
  let agent: AnyAgent | undefined;
  const { to } = await liveStep(run, {
    kind: "handoff",
    name: handoff.toolName,
    callId: agentRun && `turn ${agentRun.turn}`,
    input: [args],
    effect,
    async body() {
      effect.begin();
      agent = await handoff.onInvokeHandoff(context, args);
      return { to: agent.name };
    },
  });
  return agent ?? agentNamed(to, [handoff.agent, ...(agentRun?.agent ? [agentRun.agent] : [])]);
}

/** The agent of this name that can be reached by handoffs. */
function agentNamed(name: string, from: readonly AnyAgent[]): AnyAgent {
  const seen = new Set(from);
  for (const agent of seen) {
    if (agent.name === name) return agent;
    for (const next of agent.handoffs) seen.add("agent" in next ? next.agent : next);
  }
  throw new HoldfastError(
    "VALUE_NOT_DECODABLE",
    `A handoff went to the agent "${name}", which cannot be found again: no handoff leads there.`,
    {
      hint: "An agent that onInvokeHandoff makes is not kept. List it in the handoffs of the agent that hands off, under this name.",
      details: { agent: name },
    },
  );
}
