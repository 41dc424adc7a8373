/**
 * What the SDK asks code of the user's before a tool goes on: `onApproval` of hosted servers of MCP, and
 * `onSafetyCheck` of computers. Invariant: it is asked once, and the same is answered in every execution.
 */
import { findRun } from "@holdfast/core/adapter";
import type { ComputerTool, HostedTool, RunContext as SdkContext } from "@openai/agents";
import { guardrailStep } from "./guardrail-step.ts";

type OnSafetyCheck = NonNullable<ComputerTool["onSafetyCheck"]>;

export function safetyCheckedOnce(onSafetyCheck: OnSafetyCheck): OnSafetyCheck {
  return (asked) => {
    const run = findRun();
    const body = async () => onSafetyCheck(asked);
    if (run === undefined) return body();
    const { runContext: context, pendingSafetyChecks: input, toolCall } = asked;
    const callId = `${toolCall.callId} onSafetyCheck`;
    return guardrailStep(run, { name: "onSafetyCheck", callId, input, context, body });
  };
}

interface Asked {
  readonly rawItem: { readonly id?: string; readonly name: string; readonly arguments?: string };
}

type OnApproval = (context: SdkContext<unknown>, asked: Asked) => Promise<unknown>;

/** A tool that OpenAI runs, with its approvals given once. */
export function approvedOnce<T extends HostedTool>(tool: T): T {
  const { on_approval: onApproval } = (tool.providerData ?? {}) as { on_approval?: OnApproval };
  if (onApproval === undefined) return tool;
  const once: OnApproval = (context, asked) => {
    const run = findRun();
    const body = async () => onApproval(context, asked);
    if (run === undefined) return body();
    const { id: callId, name, arguments: args } = asked.rawItem;
    return guardrailStep(run, { name: "onApproval", callId, input: [name, args], context, body });
  };
  return { ...tool, providerData: { ...tool.providerData, on_approval: once } };
}
