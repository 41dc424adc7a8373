/** A chat model of LangChain that says what is next in a script, by how many tools have answered. */
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import { outside } from "../story/outside.ts";

const CALLS = [
  { name: "look_up_order", args: { order: "A-1042" } },
  { name: "refund", args: { order: "A-1042", amount: 42 } },
  { name: "write_to_customer", args: { text: "Your money is on its way back." } },
];

export class ScriptedModel extends BaseChatModel {
  constructor() {
    super({});
  }

  override _llmType(): string {
    return "scripted";
  }

  /** The script knows them. */
  override bindTools(): this {
    return this;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const answered = messages.filter(({ type }) => type === "tool").length;
    const call = CALLS[answered];
    const message =
      call === undefined
        ? new AIMessage("I refunded A-1042 and told the customer so.")
        : new AIMessage({
            content: "",
            tool_calls: [{ ...call, id: `call_${answered}`, type: "tool_call" }],
          });
    return outside("asked the model", { generations: [{ text: message.text, message }] });
  }
}
