// A chat model whose answer is a function of the messages it is given. Each call is one effect,
// reported before the first token; streaming and invoking differ in nothing else.
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  type StandardMessageStructure,
} from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import type { Effect } from "./scenario.ts";

/** A tool call: the tool's name, its arguments, and an id that is unique in the conversation. */
interface Call {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly id: string;
}

export type Answer = string | readonly Call[];

const USAGE = { input_tokens: 7, output_tokens: 3, total_tokens: 10 };

export class FakeModel extends BaseChatModel {
  readonly #effect: Effect;
  readonly #answer: (messages: readonly BaseMessage[]) => Answer;

  constructor(effect: Effect, answer: (messages: readonly BaseMessage[]) => Answer) {
    super({});
    this.#effect = effect;
    this.#answer = answer;
  }

  override _llmType(): string {
    return "fake";
  }

  /** The answer says which tools are called, so there is nothing to bind. */
  override bindTools(): this {
    return this;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const answer = await this.#ask(messages);
    const message =
      typeof answer === "string"
        ? new AIMessage<StandardMessageStructure>({ content: answer, usage_metadata: USAGE })
        : new AIMessage<StandardMessageStructure>({
            content: "",
            tool_calls: answer.map(toolCall),
            usage_metadata: USAGE,
          });
    return { generations: [{ text: message.text, message }] };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    _options: this["ParsedCallOptions"],
    run?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const answer = await this.#ask(messages);
    for (const message of chunks(answer)) {
      const chunk = new ChatGenerationChunk({ text: message.text, message });
      yield chunk;
      await run?.handleLLMNewToken(message.text, undefined, undefined, undefined, undefined, {
        chunk,
      });
    }
  }

  async #ask(messages: readonly BaseMessage[]): Promise<Answer> {
    await this.#effect(`model: ${heard(messages)}`);
    return this.#answer(messages);
  }
}

/** A short name for what a model was asked: the end of the conversation, and its length. */
function heard(messages: readonly BaseMessage[]): string {
  const last = messages.at(-1);
  return `${last?.type} "${last?.text.slice(0, 40)}" (${messages.length})`;
}

function toolCall({ name, args, id }: Call) {
  return { name, args: { ...args }, id, type: "tool_call" as const };
}

function chunks(answer: Answer): AIMessageChunk[] {
  const last = { usage_metadata: USAGE };
  if (typeof answer !== "string") {
    const tool_call_chunks = answer.map(({ name, args, id }, index) => ({
      name,
      args: JSON.stringify(args),
      id,
      index,
      type: "tool_call_chunk" as const,
    }));
    return [
      new AIMessageChunk<StandardMessageStructure>({ content: "", tool_call_chunks, ...last }),
    ];
  }
  const words = answer.split(/(?<= )/);
  return words.map(
    (content, index) =>
      new AIMessageChunk<StandardMessageStructure>(
        index === words.length - 1 ? { content, ...last } : { content },
      ),
  );
}
