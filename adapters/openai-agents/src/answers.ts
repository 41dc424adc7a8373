/**
 * Approvals given as the SDK takes them: a state of the run, on which calls were approved or rejected.
 * What goes on is the run itself, over its journal; of the state only the decisions are taken. Invariant:
 * what is taken for a call is what the SDK would do with this call, of this agent.
 */
import type { GivenAnswer, OpenQuestion } from "@holdfast/core/adapter";
import type { RunToolApprovalItem } from "@openai/agents";
import type { State } from "./agent-run.ts";
import type { AnyAgent } from "./app.ts";
import { keyOf, type Verdict } from "./approvals.ts";
import { copyOf } from "./sdk.ts";

type AskedCall = RunToolApprovalItem["rawItem"];

/** What decisions on a function are kept under. Not in the SDK's types. */
interface Keyed {
  readonly functionToolStateKey?: string;
}

/** What the SDK itself asks its context before it makes a call. Not in its types. */
interface Decisions {
  _resolveToolInvocationApproval(
    agent: AnyAgent,
    tool: string,
    call: AskedCall,
  ): boolean | undefined;
  _getToolInvocationRejectionMessage(
    agent: AnyAgent,
    tool: string,
    call: AskedCall,
  ): string | undefined;
}

export const ASKED_OF_CONTEXT: readonly (keyof Decisions)[] = [
  "_resolveToolInvocationApproval",
  "_getToolInvocationRejectionMessage",
];

type Answering = (open: readonly OpenQuestion[]) => readonly GivenAnswer[];

export function answersIn(input: unknown): Answering | undefined {
  if (!isState(input)) return undefined;
  const decided = new Map<string | undefined, Verdict>();
  for (const item of input.getInterruptions()) {
    const verdict = verdictIn(input, item);
    if (verdict !== undefined) decided.set(keyOf(item), verdict);
  }
  return (open) =>
    open.flatMap(({ wait, callId }) => {
      const value = decided.get(callId);
      return value === undefined ? [] : [{ wait, value }];
    });
}

function verdictIn({ _context }: State, item: RunToolApprovalItem & Keyed): Verdict | undefined {
  const decisions = _context as unknown as Decisions;
  const { agent, rawItem: call } = item;
  const { functionToolStateKey: key = item.name ?? "" } = item;
  const tool = copyOf(agent).internals.getHostedMcpApprovalToolName(key, call);
  const approved = decisions._resolveToolInvocationApproval(agent, tool, call);
  if (approved === undefined) return undefined;
  const note = decisions._getToolInvocationRejectionMessage(agent, tool, call);
  const ofOthers = decisions._resolveToolInvocationApproval(agent, tool, another(call));
  return {
    approved,
    ...(note === undefined ? {} : { note }),
    ...(ofOthers === approved ? { always: true } : {}),
  };
}

/** One more call of the tool, on which by itself nobody can have decided. */
function another(call: AskedCall): AskedCall {
  const id = "another call";
  return { ...call, id, callId: id, providerData: { ...call.providerData, id } } as AskedCall;
}

function isState(input: unknown): input is State {
  return typeof input === "object" && input !== null && "getInterruptions" in input;
}
