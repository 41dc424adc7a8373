/** A chat model that answers at once, whatever it is asked. */
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";

export class AnsweringModel extends BaseChatModel {
  readonly #answer: () => string;

  constructor(answer: () => string) {
    super({});
    this.#answer = answer;
  }

  override _llmType(): string {
    return "answering";
  }

  override async _generate(_messages: BaseMessage[]): Promise<ChatResult> {
    const text = this.#answer();
    return { generations: [{ text, message: new AIMessage(text) }] };
  }
}
