/** Calls of models that complete texts, the older kind of LangChain, as steps: like those of chat models. */
import { durableStep, intercept } from "@holdfast/core/adapter";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { GenerationChunk, type LLMResult } from "@langchain/core/outputs";
import { abandonment } from "./abandonment.ts";
import { modelCall, signalOf } from "./model-call.ts";
import { streamedModel, tellOfChunk } from "./streamed-model.ts";

type Options = object | undefined;

/** Intercepts the methods that a class below BaseLLM has of its own. */
export function interceptLLM(prototype: object): void {
  intercept<object, [prompts: string[], options: Options, ...unknown[]], Promise<LLMResult>>(
    prototype,
    "_generate",
    async ({ run, target, original }, prompts, options, ...rest) => {
      if (run.inside?.kind === "model") return original(prompts, options, ...rest);
      const call = modelCall(run, { model: target, options, told: prompts, identity: prompts });
      const { end, ...given } = abandonment(run, {
        signal: signalOf(options),
        policy: call.policy,
      });
      try {
        return asResult(
          await durableStep<unknown>(run, {
            ...call,
            ...given,
            body: () => original(prompts, options, ...rest),
          }),
        );
      } finally {
        end();
      }
    },
  );
  intercept<
    object,
    [prompt: string, options: Options, callbacks?: CallbackManagerForLLMRun],
    AsyncIterable<GenerationChunk>
  >(prototype, "_streamResponseChunks", ({ run, target, original }, prompt, options, callbacks) => {
    if (run.inside?.kind === "model") return original(prompt, options, callbacks);
    const asked = [prompt];
    return streamedModel(run, {
      call: modelCall(run, { model: target, options, told: asked, identity: asked }),
      signal: signalOf(options),
      recorded: asChunks,
      tell: (chunk) => tellOfChunk(chunk, callbacks),
      stream: () => original(prompt, options, callbacks),
    });
  });
}

function asResult(recorded: unknown): LLMResult {
  if (!Array.isArray(recorded)) return recorded as LLMResult;
  const chunks = recorded as readonly GenerationChunk[];
  return {
    generations: [chunks.length === 0 ? [] : [chunks.reduce((all, one) => all.concat(one))]],
  };
}

function asChunks(recorded: unknown): readonly GenerationChunk[] {
  if (Array.isArray(recorded)) return recorded as readonly GenerationChunk[];
  const [generations = []] = (recorded as LLMResult).generations;
  return generations.map((generation) => new GenerationChunk(generation));
}
