/**
 * Calls of chat models as steps. Intercepted is the innermost method of a class, the one that does the
 * effect: callbacks, parsing and streams around it are LangChain's own, on replay too. What a model
 * does inside, such as delegating to another one, is part of its one step.
 */
import { durableStep, intercept, type RunContext } from "@holdfast/core/adapter";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { ChatModelStreamEvent } from "@langchain/core/language_models/event";
import type { BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";
import { abandonment } from "./abandonment.ts";
import { messageIdentity } from "./message-identity.ts";
import { asChunks, asEvents, asResult } from "./model-answer.ts";
import { type ModelCall, modelCall, signalOf } from "./model-call.ts";
import { streamedModel, tellOfChunk } from "./streamed-model.ts";

type Parameters = [
  messages: BaseMessage[],
  options: object | undefined,
  callbacks?: CallbackManagerForLLMRun,
];

/** Intercepts the methods that a class below BaseChatModel has of its own. */
export function interceptModel(prototype: object): void {
  intercept<object, Parameters, Promise<ChatResult>>(
    prototype,
    "_generate",
    async ({ run, target, original }, ...args) => {
      if (run.inside?.kind === "model") return original(...args);
      const call = callOf(run, target, args);
      const { end, ...given } = abandonment(run, {
        signal: signalOf(args[1]),
        policy: call.policy,
      });
      try {
        return await asResult(
          await durableStep<unknown>(run, { ...call, ...given, body: () => original(...args) }),
        );
      } finally {
        end();
      }
    },
  );
  intercept<object, Parameters, AsyncIterable<ChatGenerationChunk>>(
    prototype,
    "_streamResponseChunks",
    ({ run, target, original }, ...args) => {
      if (run.inside?.kind === "model") return original(...args);
      return streamedModel(run, {
        call: callOf(run, target, args),
        signal: signalOf(args[1]),
        recorded: asChunks,
        tell: (chunk) => tellOfChunk(chunk, args[2]),
        stream: () => original(...args),
      });
    },
  );
  intercept<object, Parameters, AsyncIterable<ChatModelStreamEvent>>(
    prototype,
    "_streamChatModelEvents",
    ({ run, target, original }, ...args) => {
      if (run.inside?.kind === "model") return original(...args);
      return streamedModel(run, {
        call: callOf(run, target, args),
        signal: signalOf(args[1]),
        recorded: asEvents,
        // Whoever is given an event puts things into it.
        keep: structuredClone,
        stream: () => original(...args),
      });
    },
  );
}

function callOf(run: RunContext, model: object, [messages, options]: Parameters): ModelCall {
  const identity = messages.map(messageIdentity);
  return modelCall(run, { model, options, told: messages, identity });
}
