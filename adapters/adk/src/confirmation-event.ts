/** The event that ADK asks for a confirmation with: not part of the turn, which goes on when it is answered. */
import {
  type Context,
  createEvent,
  type Event,
  REQUEST_CONFIRMATION_FUNCTION_CALL_NAME,
  type ToolConfirmation,
} from "@google/adk";
import type { RunContext } from "@holdfast/core/adapter";
import { confirmationId } from "./answers.ts";
import { stableId } from "./event-stamps.ts";

export function confirmationEvent(
  run: RunContext,
  { functionCallId = "", invocationContext, agentName }: Context,
  name: string,
  args: unknown,
  { hint, payload }: ToolConfirmation,
): Event {
  const id = confirmationId(functionCallId);
  const { invocationId, branch } = invocationContext;
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
    author: agentName,
    ...(branch === undefined ? {} : { branch }),
    content: { role: "user", parts: [{ functionCall }] },
    longRunningToolIds: [id],
  });
  event.id = stableId(run, "confirmation", functionCallId);
  return event;
}
