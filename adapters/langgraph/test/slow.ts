// A model that is told when nobody waits for it any more, and may listen.
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";

export class Slow extends BaseChatModel {
  readonly #answer: (signal: AbortSignal | undefined) => Promise<string>;
  constructor(answer: (signal: AbortSignal | undefined) => Promise<string>) {
    super({});
    this.#answer = answer;
  }
  override _llmType(): string {
    return "slow";
  }
  override async _generate(
    _messages: BaseMessage[],
    options: this["ParsedCallOptions"],
  ): Promise<ChatResult> {
    const text = await this.#answer(options.signal);
    return { generations: [{ text, message: new AIMessage(text) }] };
  }
}

/** Never answers, but stops when it is told to. */
export function listening(signal: AbortSignal | undefined): Promise<string> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error));
  });
}
