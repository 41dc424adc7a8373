/**
 * Calls of tools as steps. A tool whose policy says so is approved by a person first: the call waits in
 * place, which no `catch` in a graph can mistake for a failure. What a tool throws to control its
 * graph, an interrupt above all, is no outcome: it is called again when the graph comes back to it.
 */
import { approveCall, durableStep, findRun, toolPolicy } from "@holdfast/core/adapter";
import type { CallbackManagerForToolRun } from "@langchain/core/callbacks/manager";
import { ToolMessage } from "@langchain/core/messages";
import { isGraphBubbleUp } from "@langchain/langgraph";
import { wrapMethod } from "./wrap-method.ts";

interface Tool {
  readonly name: string;
  readonly responseFormat?: string;
}

interface CallConfig {
  readonly toolCall?: { readonly id?: string };
}

/** Intercepts the method that a class below StructuredTool has of its own. */
export function interceptTool(prototype: object): void {
  wrapMethod(prototype, "_call", (original) => {
    return async function (...args) {
      const run = findRun();
      if (run === undefined || run.inside?.kind === "model") return original.apply(this, args);
      const tool = this as Tool;
      const [shown, callbacks, config] = args as [
        unknown,
        CallbackManagerForToolRun | undefined,
        CallConfig | undefined,
      ];
      const callId = config?.toolCall?.id;
      const approval = await approveCall(run, { tool: tool.name, args: shown, callId });
      if (approval.is === "rejected") return rejection(tool, callId, approval.note);
      const given = approval.is === "approved" ? approval.args : shown;
      return durableStep(run, {
        kind: "tool",
        name: tool.name,
        callId,
        input: [given],
        policy: toolPolicy(run, tool.name, approval),
        leaves: isGraphBubbleUp,
        body: async () =>
          whole(await original.call(this, given, callbacks, ...args.slice(2)), callbacks),
      });
    };
  });
}

/** A tool that yields events is run to its end: they are told as they come, and not on replay. */
async function whole(
  result: unknown,
  callbacks: CallbackManagerForToolRun | undefined,
): Promise<unknown> {
  if (!isAsyncGenerator(result)) return result;
  for (;;) {
    const next = await result.next();
    if (next.done) return next.value;
    await callbacks?.handleToolEvent(next.value);
  }
}

function isAsyncGenerator(value: unknown): value is AsyncGenerator<unknown, unknown> {
  return Object.prototype.toString.call(value) === "[object AsyncGenerator]";
}

/** What the model is told of a call that a person did not let through. */
function rejection({ name, responseFormat }: Tool, callId: string | undefined, note: string) {
  const content = `The call was rejected: ${note}`;
  const told =
    callId === undefined
      ? content
      : new ToolMessage({ content, name, tool_call_id: callId, status: "error" });
  return responseFormat === "content_and_artifact" ? [told, undefined] : told;
}
