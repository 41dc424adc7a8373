/** The event that ADK asks for a confirmation with: not part of the turn, which goes on when it is answered. */
import {
  createEvent,
  type Event,
  REQUEST_CONFIRMATION_FUNCTION_CALL_NAME,
  type ToolConfirmation,
} from "@google/adk";
import type { RunContext } from "@holdfast/core/adapter";
import { stableId } from "./event-stamps.ts";
import type { Call } from "./suspension.ts";

const counts = new WeakMap<RunContext, Map<string, number>>();

/**
 * An id for the next confirmation of this call. It is the same in every execution, and no other
 * confirmation has it: models give calls of one id in two branches, and again in a later answer.
 */
export function confirmationId(run: RunContext, callId: string): string {
  const ofRun = counts.get(run) ?? new Map<string, number>();
  counts.set(run, ofRun);
  const call = JSON.stringify([run.path, callId]);
  const nth = (ofRun.get(call) ?? 0) + 1;
  ofRun.set(call, nth);
  return `adk-${stableId(run, "confirmation", run.path, callId, nth)}`;
}

interface Asked extends Call {
  readonly id: string;
  readonly request: ToolConfirmation;
}

export function confirmationEvent(
  run: RunContext,
  { id, tool: { name }, args, context, request: { hint, payload } }: Asked,
): Event {
  const { functionCallId, invocationContext } = context;
  const { invocationId, branch, agent } = invocationContext;
  const functionCall = {
    id,
    name: REQUEST_CONFIRMATION_FUNCTION_CALL_NAME,
    args: {
      originalFunctionCall: { id: functionCallId, name, args },
      toolConfirmation: { hint, confirmed: false, payload },
    },
  };
  const event = createEvent({
    invocationId,
    // A tool that is a node has no agent around it.
    author: agent?.name ?? name,
    ...(branch === undefined ? {} : { branch }),
    content: { role: "user", parts: [{ functionCall }] },
    longRunningToolIds: [id],
  });
  event.id = stableId(run, "asked", id);
  return event;
}
