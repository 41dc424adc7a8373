/**
 * A call of a model is a step. Invariants: nothing that a response sets off begins before all of the
 * call is durable; function calls have their ids by then, so these are the same in every execution.
 */
import {
  type BaseLlm,
  isBaseLlm,
  type LlmAgent,
  type LlmRequest,
  type LlmResponse,
  type LlmSummarizer,
} from "@google/adk";
import { type Around, type RunContext, streamedStep } from "@holdfast/core/adapter";
import type { AdkCopy } from "./copies.ts";
import { hasCalls, withCallIds } from "./function-call-ids.ts";
import { intercept } from "./intercept.ts";
import { interceptGetter } from "./intercept-getter.ts";
import { modelFailed } from "./model-failures.ts";
import { plainCopy } from "./plain-copy.ts";

type Responses = AsyncGenerator<LlmResponse, void, undefined>;
type Parameters = [request: LlmRequest, stream?: boolean, signal?: AbortSignal];

/** Wherever an agent finds its model, be it an object, a name or its parent's; and what summarises. */
export function interceptModels({ LlmAgent, LlmSummarizer }: AdkCopy): void {
  interceptGetter<LlmAgent, BaseLlm>(LlmAgent.prototype, "canonicalModel", (model) => {
    intercept(model, "generateContentAsync", modelStep);
  });
  intercept<LlmSummarizer, unknown[], unknown>(
    LlmSummarizer.prototype,
    "summarize",
    ({ run, target, original }, ...parameters) => {
      const llm: unknown = Reflect.get(target, "llm");
      if (isBaseLlm(llm)) intercept(llm, "generateContentAsync", modelStep);
      else run.reportEscaped("A summary of the conversation: its model was not found.");
      return original(...parameters);
    },
  );
}

const modelStep: Around<BaseLlm, Parameters, Responses> = (
  { run, target, original },
  request,
  stream,
  signal,
) => {
  // A model that asks another one is one step.
  if (run.inside?.kind === "model") return original(request, stream, signal);
  const policy = run.policies.models?.[target.model];
  return telling(
    run,
    streamedStep<LlmResponse>(run, {
      kind: "model",
      name: agentOf(request) ?? target.model,
      input: inputOf(target, request),
      ...(policy === undefined ? {} : { policy }),
      holdFrom: (response) => response.partial !== true || hasCalls(response),
      // What is given before the end of the call may be changed by callbacks until then.
      keep: (response) => (response.partial ? plainCopy(run, response) : response),
      async *stream(inside) {
        const either = signal === undefined ? [inside.signal] : [signal, inside.signal];
        for await (const response of original(request, stream, AbortSignal.any(either))) {
          yield withPlainUsage(withCallIds(response));
        }
      },
    }),
  );
};

/** Gemini's client hides in it how a stream was continued: in another execution that would not be there. */
function withPlainUsage(response: LlmResponse): LlmResponse {
  const { usageMetadata } = response;
  if (usageMetadata === undefined) return response;
  return { ...response, usageMetadata: { ...usageMetadata } };
}

/** ADK does not throw what a model throws. */
async function* telling(run: RunContext, responses: Responses): Responses {
  const place = run.path;
  try {
    yield* responses;
  } catch (error) {
    modelFailed(run, place, error);
    throw error;
  }
}

/** ADK labels a request with the agent's name. A step named so survives a change of the model. */
function agentOf({ config }: LlmRequest): string | undefined {
  return config?.labels?.adk_agent_name;
}

/** The contents come last: of a conversation that grows, only what is new is stored. */
function inputOf({ model }: BaseLlm, request: LlmRequest): readonly unknown[] {
  const { contents, config = {}, previousInteractionId } = request;
  // Not what may hold keys, nor what is of this process.
  const { httpOptions: _, abortSignal: __, ...told } = config;
  const previous = previousInteractionId === undefined ? {} : { previousInteractionId };
  return [{ model: request.model ?? model, config: told, ...previous }, ...contents];
}
