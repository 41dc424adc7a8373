/** A model that streams, as a step: what it tells its callbacks besides, it tells on replay too. */
import { type RunContext, type StreamCall, streamedStep } from "@holdfast/core/adapter";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { ChatGenerationChunk, GenerationChunk } from "@langchain/core/outputs";
import { abandonment } from "./abandonment.ts";
import type { ModelCall } from "./model-call.ts";

export interface StreamedModel<Piece>
  extends Pick<StreamCall<Piece>, "recorded" | "keep" | "stream"> {
  readonly call: ModelCall;
  readonly signal: AbortSignal | undefined;
  /** What the method does about a piece besides yielding it. Default: nothing. */
  readonly tell?: (piece: Piece) => Promise<void>;
}

export async function* streamedModel<Piece>(
  run: RunContext,
  { call, signal, tell, stream, ...pieces }: StreamedModel<Piece>,
): AsyncGenerator<Piece, void, undefined> {
  let isLive = false;
  const { end, ...given } = abandonment(run, { signal, policy: call.policy });
  try {
    const told = streamedStep<Piece>(run, {
      ...call,
      ...given,
      ...pieces,
      stream(inside) {
        isLive = true;
        return stream(inside);
      },
    });
    for await (const piece of told) {
      if (!isLive) await tell?.(piece);
      yield piece;
    }
  } finally {
    end();
  }
}

export async function tellOfChunk(
  chunk: ChatGenerationChunk | GenerationChunk,
  callbacks: CallbackManagerForLLMRun | undefined,
): Promise<void> {
  const none = undefined;
  await callbacks?.handleLLMNewToken(chunk.text, none, none, none, none, { chunk });
}
