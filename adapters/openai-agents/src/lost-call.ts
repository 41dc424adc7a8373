/**
 * An agent may have lost a tool or a handoff since its model called it: the SDK gives the run up then.
 * Invariant: if the journal has what came of the call, it is the code that changed: the run does not fail
 * for good but diverges, so that code which has the tool can go on with it.
 */
import { durableStep, type RunContext } from "@holdfast/core/adapter";
import { currentScope } from "@holdfast/core/journal";
import type { AgentRun } from "./agent-run.ts";

/** Does not resolve if the run diverges. */
export async function divergeForLostCall(
  run: RunContext,
  agentRun: AgentRun,
  error: unknown,
): Promise<void> {
  if (!(error instanceof Error) || error.name !== "ModelBehaviorError") return;
  const scope = agentRun.inTurn(() => currentScope.getStore()!.path);
  const calls = agentRun.lastCalls;
  for await (const { entry, kind, name = "", callId, ...recorded } of run.store.journal(
    run.runId,
  )) {
    if (entry !== "started" || recorded.scope !== scope) continue;
    const isLost =
      kind === "handoff"
        ? calls.some((call) => call.name === name)
        : isTool(kind) && calls.some((call) => call.callId === callId);
    if (!isLost) continue;
    // Asked for with what the SDK says of it, which is not what is on record.
    const step = { kind: kind as "tool", name, callId, input: [error.message] };
    const body = () => Promise.reject(error);
    await agentRun.inTurn(() => durableStep(run, { ...step, body }));
  }
}

function isTool(kind: string | undefined): boolean {
  return kind === "tool" || kind === "mcp";
}
