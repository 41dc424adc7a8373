/**
 * Approvals given as the SDK takes them: a state of the run, on which calls were approved or rejected.
 * What goes on is the run itself, over its journal; of the state only the decisions are taken.
 */
import type { GivenAnswer, OpenQuestion } from "@holdfast/core/adapter";
import type { RunToolApprovalItem } from "@openai/agents";
import type { State } from "./agent-run.ts";
import { callIdOf, keyOf, type Verdict } from "./approvals.ts";

/** What the SDK keeps of the decisions on a tool: of calls, or of all there will be. */
interface Decisions {
  readonly approved: boolean | readonly string[];
  readonly rejected: boolean | readonly string[];
  readonly messages?: Readonly<Record<string, string>>;
  readonly stickyRejectMessage?: string;
}

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

function verdictIn({ _context }: State, item: RunToolApprovalItem): Verdict | undefined {
  const { approvals } = _context.toJSON() as {
    readonly approvals: Readonly<Record<string, Decisions>>;
  };
  const toolName = item.toolName ?? item.name ?? "";
  const callId = callIdOf(item) ?? "";
  const made = approvals[toolName];
  if (made === undefined) return undefined;
  const { approved, rejected, messages, stickyRejectMessage } = made;
  if (item.rawItem.type === "function_call") {
    // Calls of two agents may have one id: this one looks at the agent, too.
    const call = { toolName, callId, agent: item.agent };
    if (_context.isToolApproved(call) === undefined) return undefined;
  }
  if (includes(approved, callId)) return { approved: true, ...always(approved) };
  if (!includes(rejected, callId)) return undefined;
  const note = messages?.[callId] ?? stickyRejectMessage;
  return { approved: false, ...(note === undefined ? {} : { note }), ...always(rejected) };
}

function includes(decided: boolean | readonly string[], callId: string): boolean {
  return typeof decided === "boolean" ? decided : decided.includes(callId);
}

function always(decided: boolean | readonly string[]): { readonly always?: true } {
  return decided === true ? { always: true } : {};
}

function isState(input: unknown): input is State {
  return typeof input === "object" && input !== null && "getInterruptions" in input;
}
