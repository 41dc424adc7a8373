/**
 * Calls of chat models as steps. Intercepted is the innermost method of a class, the one that does the
 * effect: callbacks, parsing and streams around it are LangChain's own, on replay too. What a model
 * does inside, such as delegating to another one, is part of its one step.
 */
import { durableStep, findRun, type RunContext, streamedStep } from "@holdfast/core/adapter";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";
import { messageIdentity } from "./message-identity.ts";
import { type Method, wrapMethod } from "./wrap-method.ts";

interface ModelCall {
  readonly run: RunContext;
  readonly kind: "model";
  readonly name: string;
  readonly input: readonly unknown[];
  readonly identity: unknown;
  readonly policy?: NonNullable<RunContext["policies"]["models"]>[string];
}

/** Intercepts the methods that a class below BaseChatModel has of its own. */
export function interceptModel(prototype: object): void {
  wrapMethod(prototype, "_generate", (original) => {
    return function (...args) {
      const call = callOf(this, args);
      if (call === undefined) return original.apply(this, args);
      const { run, ...step } = call;
      const body = async () => (await original.apply(this, args)) as ChatResult;
      return durableStep(run, { ...step, body });
    };
  });
  wrapMethod(prototype, "_streamResponseChunks", streamed(tellOfChunk));
  wrapMethod(prototype, "_streamChatModelEvents", streamed());
}

/** @param tell what the method does about a piece besides yielding it, to be done again on replay */
function streamed<Piece>(
  tell?: (piece: Piece, run: CallbackManagerForLLMRun | undefined) => Promise<void>,
): (original: Method) => Method {
  return (original) =>
    function (...args) {
      const call = callOf(this, args);
      if (call === undefined) return original.apply(this, args);
      return pieces(call, tell, args[2] as CallbackManagerForLLMRun | undefined, () => {
        return original.apply(this, args) as AsyncIterable<Piece>;
      });
    };
}

async function* pieces<Piece>(
  { run, ...step }: ModelCall,
  tell: ((piece: Piece, run: CallbackManagerForLLMRun | undefined) => Promise<void>) | undefined,
  callbacks: CallbackManagerForLLMRun | undefined,
  stream: () => AsyncIterable<Piece>,
): AsyncGenerator<Piece> {
  let isLive = false;
  const live = () => {
    isLive = true;
    return stream();
  };
  for await (const piece of streamedStep<Piece>(run, { ...step, stream: live })) {
    if (!isLive) await tell?.(piece, callbacks);
    yield piece;
  }
}

async function tellOfChunk(
  chunk: ChatGenerationChunk,
  callbacks: CallbackManagerForLLMRun | undefined,
): Promise<void> {
  const none = undefined;
  await callbacks?.handleLLMNewToken(chunk.text, none, none, none, none, { chunk });
}

/** The step that a call is, or undefined if it is none: outside a run, and inside a model. */
function callOf(model: object, args: readonly unknown[]): ModelCall | undefined {
  const run = findRun();
  if (run === undefined || run.inside?.kind === "model") return undefined;
  const [messages, options] = args as [readonly BaseMessage[], object | undefined];
  const name = nameOf(model);
  const settings = settingsOf(options ?? {});
  const policy = run.policies.models?.[name];
  return {
    run,
    kind: "model",
    name,
    input: [...messages, settings],
    identity: [messages.map(messageIdentity), settings],
    ...(policy === undefined ? {} : { policy }),
  };
}

/** The model as its provider calls it, else its class. */
function nameOf(model: object): string {
  const { model: id, modelName } = model as { model?: unknown; modelName?: unknown };
  for (const name of [id, modelName]) if (typeof name === "string" && name !== "") return name;
  return model.constructor.name;
}

/** What besides the conversation decides the answer. */
function settingsOf(options: object): object {
  const { tools, tool_choice, response_format, stop } = options as Record<string, unknown>;
  const settings = {
    tools: Array.isArray(tools) ? tools.map(plainTool) : undefined,
    tool_choice,
    response_format,
    stop,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** A tool in the form of its provider is data; one of LangChain is told by name and description. */
function plainTool(tool: unknown): unknown {
  if (typeof tool !== "object" || tool === null) return tool;
  if (Object.getPrototypeOf(tool) === Object.prototype) return tool;
  const { name, description } = tool as { name?: unknown; description?: unknown };
  return { name, description };
}
