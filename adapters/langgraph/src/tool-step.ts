/**
 * Calls of tools as steps. A tool whose policy says so is approved by a person first: the call waits in
 * place, which no `catch` in a graph can mistake for a failure. What a tool throws to control its
 * graph, an interrupt above all, is no outcome: it is called again when the graph comes back to it.
 */
import {
  approveCall,
  durableStep,
  intercept,
  type RunContext,
  toolPolicy,
} from "@holdfast/core/adapter";
import type { CallbackManagerForToolRun } from "@langchain/core/callbacks/manager";
import { ToolMessage } from "@langchain/core/messages";
import { isGraphBubbleUp } from "@langchain/langgraph";
import { abandonment } from "./abandonment.ts";
import { signalOf } from "./model-call.ts";

interface Tool {
  readonly name: string;
  readonly responseFormat?: string;
}

interface CallConfig {
  readonly toolCall?: { readonly id?: string };
}

/** Intercepts the method that a class below StructuredTool has of its own. */
export function interceptTool(prototype: object): void {
  intercept<
    Tool,
    [shown: unknown, callbacks: CallbackManagerForToolRun | undefined, config?: CallConfig],
    Promise<unknown>
  >(prototype, "_call", async ({ run, target, original }, shown, callbacks, config) => {
    if (run.inside?.kind === "model") return original(shown, callbacks, config);
    return toolStep(run, {
      tool: target,
      callId: config?.toolCall?.id,
      shown,
      signal: signalOf(config),
      rejected: (note) => rejection(target, config?.toolCall?.id, note),
      body: async (args) => whole(await original(args, callbacks, config), callbacks),
    });
  });
}

/** Intercepts runnables that were made tools by `asTool`: what they are made of are steps in the step. */
export function interceptRunnableTool(prototype: object): void {
  const inherited = Object.getPrototypeOf(prototype) as { invoke: (...args: unknown[]) => unknown };
  if (!Object.hasOwn(prototype, "invoke")) {
    const invoke = function invoke(this: object, ...args: unknown[]): unknown {
      return inherited.invoke.apply(this, args);
    };
    const place = { value: invoke, writable: true, configurable: true };
    Object.defineProperty(prototype, "invoke", place);
  }
  intercept<Tool, [input: unknown, config?: object], Promise<unknown>>(
    prototype,
    "invoke",
    async ({ run, target, original }, input, config) => {
      if (run.inside?.kind === "model") return original(input, config);
      const call = isToolCall(input) ? input : undefined;
      return toolStep(run, {
        tool: target,
        callId: call?.id,
        shown: call === undefined ? input : call.args,
        signal: signalOf(config),
        rejected: (note) => rejection(target, call?.id, note),
        body: (args) => original(call === undefined ? args : { ...call, args }, config),
      });
    },
  );
}

interface ToolCall {
  readonly tool: Tool;
  readonly callId: string | undefined;
  /** The arguments, as a person is shown them. */
  readonly shown: unknown;
  readonly signal: AbortSignal | undefined;
  rejected(note: string): unknown;
  body(args: unknown): Promise<unknown>;
}

async function toolStep(
  run: RunContext,
  { tool: { name }, callId, shown, signal, rejected, body }: ToolCall,
): Promise<unknown> {
  const approval = await approveCall(run, { tool: name, args: shown, callId });
  if (approval.is === "rejected") return rejected(approval.note);
  const given = approval.is === "approved" ? approval.args : shown;
  const policy = toolPolicy(run, name, approval);
  const { end, ...more } = abandonment(run, { signal, policy, isControl: isGraphBubbleUp });
  try {
    return await durableStep(run, {
      kind: "tool",
      name,
      callId,
      input: [given],
      policy,
      ...more,
      body: () => body(given),
    });
  } finally {
    end();
  }
}

function isToolCall(input: unknown): input is { readonly id?: string; readonly args: unknown } {
  if (typeof input !== "object" || input === null) return false;
  return "type" in input && input.type === "tool_call";
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
