/**
 * Approval of a tool call by policy, without a word of it in the user's code. The decision is bound to
 * the arguments that were shown; a person may change them.
 */
import type { ApprovalPolicy, StepPolicy } from "../run/policies.ts";
import type { RunContext } from "../run/run-context.ts";
import type { Answer } from "./answer.ts";
import { ask, type Question } from "./ask.ts";
import type { Verdict } from "./wait-for-approval.ts";

export interface ToolCall {
  readonly tool: string;
  readonly args: unknown;
  readonly callId?: string | undefined;
}

export type CallApproval =
  /** The policy asks nobody. */
  | { readonly is: "not needed" }
  | { readonly is: "approved"; readonly args: unknown; readonly by?: string }
  | { readonly is: "rejected"; readonly note: string; readonly by?: string };

/** Waits in place. */
export async function approveCall(run: RunContext, call: ToolCall): Promise<CallApproval> {
  const question = questionOf(run, call);
  return question === undefined ? { is: "not needed" } : approvalOf(call, await ask(run, question));
}

/** How a tool behaves: a call that a person approved runs once, unless its policy says otherwise. */
export function toolPolicy(run: RunContext, tool: string, approval: CallApproval): StepPolicy {
  const policy = run.policies.tools?.[tool] ?? {};
  return approval.is === "approved" ? { inDoubt: "once", ...policy } : policy;
}

function questionOf(run: RunContext, { tool, args, callId }: ToolCall): Question | undefined {
  const policy = run.policies.approve;
  if (policy === undefined || !asksFor(policy, tool, args)) return undefined;
  return { kind: "approval", name: tool, callId, asked: args, dueInMs: policy.expires };
}

function asksFor({ tools, when }: ApprovalPolicy, tool: string, args: unknown): boolean {
  if (!tools.includes(tool) && !tools.includes("*")) return false;
  return when === undefined || when({ tool, args });
}

function approvalOf({ args }: ToolCall, { kind, value, by }: Answer): CallApproval {
  const author = by === undefined ? {} : { by };
  if (kind === "due") return { is: "rejected", note: "Nobody decided in time.", ...author };
  const verdict = value as Verdict;
  if (verdict.approved) {
    return { is: "approved", args: verdict.args === undefined ? args : verdict.args, ...author };
  }
  return { is: "rejected", note: verdict.note ?? "Rejected.", ...author };
}
