/**
 * The input with messages of its own. LangGraph writes ids into the messages it is given; those of the
 * user stay as they are, and as the run's recorded input has them. Where it would draw the ids a moment
 * later, they are drawn here: so a message of the input and the same in the state are stored as one.
 */
import { randomUUID } from "node:crypto";
import { BaseMessage } from "@langchain/core/messages";

export function ownMessages(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (BaseMessage.isInstance(value)) return ownMessage(value);
  if (Array.isArray(value)) return value.map(ownMessages);
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, ownMessages(part)]));
}

/** For a graph, by its channels. */
export function ownInput(channels: Readonly<Record<string, unknown>>, input: unknown): unknown {
  const own = ownMessages(input);
  if (own === input || typeof own !== "object" || own === null || Array.isArray(own)) return own;
  for (const [channel, given] of Object.entries(own)) {
    if (reducerOf(channels[channel]) !== "messagesStateReducer") continue;
    for (const message of [given].flat()) {
      if (BaseMessage.isInstance(message)) giveId(message);
    }
  }
  return own;
}

function ownMessage(message: BaseMessage): BaseMessage {
  const copy: object = Object.create(Object.getPrototypeOf(message));
  return Object.assign(copy, message, { lc_kwargs: { ...message.lc_kwargs } }) as BaseMessage;
}

/** As LangGraph does. */
function giveId(message: BaseMessage): void {
  if (message.id !== undefined && message.id !== null) return;
  message.id = randomUUID();
  message.lc_kwargs.id = message.id;
}

function reducerOf(channel: unknown): string | undefined {
  const { operator } = (channel ?? {}) as { readonly operator?: { readonly name?: string } };
  return operator?.name;
}
