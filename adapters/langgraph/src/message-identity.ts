/**
 * What a conversation is to the journal: what was said, called and answered. Ids of messages, which
 * LangGraph draws at random, and usage and timings are no part of it.
 */
import type { BaseMessage } from "@langchain/core/messages";

export function messageIdentity(message: BaseMessage): object {
  const { name, content, additional_kwargs } = message;
  return {
    type: message.getType(),
    content,
    ...(name === undefined ? {} : { name }),
    ...(Object.keys(additional_kwargs).length === 0 ? {} : { additional_kwargs }),
    ...calls(message),
    ...given(message, "tool_call_id"),
    ...given(message, "status"),
    ...given(message, "role"),
  };
}

function calls(message: object): object {
  const made: unknown = Reflect.get(message, "tool_calls");
  if (!Array.isArray(made) || made.length === 0) return {};
  return { tool_calls: made.map(({ name, args, id }) => ({ name, args, id: id ?? null })) };
}

function given(message: object, key: string): object {
  const value: unknown = Reflect.get(message, key);
  return value === undefined ? {} : { [key]: value };
}
