/**
 * Waits in place for a person, where ADK ends the turn and starts over with the next: when a tool asks
 * for confirmation, and when a long-running tool has no result yet. Each time the tool is gone through
 * is a step of its own, so none is gone through twice.
 */
import { type BaseTool, type Context, type Event, ToolConfirmation } from "@google/adk";
import {
  type Answer,
  ask,
  type CallApproval,
  type Question,
  type RunContext,
} from "@holdfast/core/adapter";
import { confirmationEvent, confirmationId } from "./confirmation-event.ts";
import { currentTurn } from "./open-turn.ts";

/** Goes through the tool once, after a person approved the call if one did. */
export type Pass = (approval?: CallApproval) => Promise<unknown>;

export interface Call {
  readonly tool: BaseTool;
  readonly args: unknown;
  readonly context: Context;
}

/** What a person says of a question that can be approved. */
interface Verdict {
  readonly approved: boolean;
  readonly args?: unknown;
}

export async function passUntilAnswered(run: RunContext, call: Call, pass: Pass): Promise<unknown> {
  const { tool, args, context } = call;
  const callId = context.functionCallId;
  let approval: CallApproval | undefined;
  for (;;) {
    const { skipSummarization } = context.actions;
    const result = await pass(approval);
    const request = takeRequest(context);
    if (request !== undefined) {
      restore(context, skipSummarization);
      const { hint, payload } = request;
      const id = confirmationId(run, callId!);
      // By its own id: answers name that, and models give several calls one id.
      const question = { kind: "approval", name: tool.name, callId: id } as const;
      const asked = { args, hint, ...(payload === undefined ? {} : { payload }) };
      const event = confirmationEvent(run, { id, ...call, request });
      const answer = await askPerson(run, { ...question, asked }, event);
      const verdict = answer.value as Verdict;
      // What a person can change of what is shown is the payload: ADK keeps the arguments.
      const edited = { payload: verdict.args === undefined ? payload : verdict.args };
      context.toolConfirmation = new ToolConfirmation({ confirmed: verdict.approved, ...edited });
      approval = verdict.approved ? { is: "approved", args } : undefined;
      continue;
    }
    if (!tool.isLongRunning || (result !== null && result !== undefined)) return result;
    // There is no answer yet that the model could do without, whatever the tool says.
    restore(context, skipSummarization);
    const question = { kind: "input", name: tool.name, callId, asked: args } as const;
    const answer = await askPerson(run, question);
    return answer.value;
  }
}

/** @param event what ADK asks with, where the call itself does not ask */
function askPerson(run: RunContext, question: Question, event?: Event): Promise<Answer> {
  const asking = () => ask(run, question);
  return currentTurn(run)?.asking(event, asking) ?? asking();
}

/** The confirmation that the tool has just asked for: it is asked here, not by ADK. */
function takeRequest({ actions, functionCallId }: Context): ToolConfirmation | undefined {
  if (functionCallId === undefined) return undefined;
  const request = actions.requestedToolConfirmations[functionCallId];
  delete actions.requestedToolConfirmations[functionCallId];
  return request;
}

function restore({ actions }: Context, skipSummarization: boolean | undefined): void {
  if (skipSummarization === undefined) delete actions.skipSummarization;
  else actions.skipSummarization = skipSummarization;
}
