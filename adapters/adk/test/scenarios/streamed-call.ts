import {
  BaseLlm,
  type BaseLlmConnection,
  LlmAgent,
  type LlmRequest,
  type LlmResponse,
  StreamingMode,
} from "@google/adk";
import { responses } from "./fake-llm.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Effect, Scenario } from "./scenario.ts";

/** A model that says something, calls a tool and reports its usage, all in one stream; with private fields. */
export const streamedCall: Scenario = {
  name: "streamed-call",
  build: (effect) => {
    const tools = [fakeTool(effect, "look")];
    const app = new LlmAgent({ name: "talker", model: new Talking(effect), tools });
    return {
      app,
      input: "Look.",
      options: { runConfig: { streamingMode: StreamingMode.SSE } },
    };
  },
};

class Talking extends BaseLlm {
  readonly #effect: Effect;

  constructor(effect: Effect) {
    super({ model: "talking" });
    this.#effect = effect;
  }

  override async *generateContentAsync(request: LlmRequest): AsyncGenerator<LlmResponse, void> {
    await this.#effect(`model: talking (${request.contents.length})`);
    const isDone = responses(request, "look").length > 0;
    const text = isDone ? "I have seen it." : "I will look.";
    for (const piece of text.split(/(?<= )/)) yield { ...said(piece), partial: true };
    yield said(text);
    if (!isDone) {
      const functionCall = { name: "look", args: { q: "sea" } };
      yield { content: { role: "model", parts: [{ functionCall }] } };
    }
    yield { usageMetadata: { promptTokenCount: 10, totalTokenCount: 15 } };
  }

  override connect(): Promise<BaseLlmConnection> {
    return Promise.reject(new Error("The fake model has no live connection."));
  }
}

function said(text: string): LlmResponse {
  return { content: { role: "model", parts: [{ text }] } };
}
