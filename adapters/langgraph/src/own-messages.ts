/**
 * The input with messages of its own. LangGraph writes ids into the messages it is given; those of the
 * user stay as they are, and as the run's recorded input has them.
 */
import { BaseMessage } from "@langchain/core/messages";

export function ownMessages(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (BaseMessage.isInstance(value)) {
    const copy: object = Object.create(Object.getPrototypeOf(value));
    return Object.assign(copy, value, { lc_kwargs: { ...value.lc_kwargs } });
  }
  if (Array.isArray(value)) return value.map(ownMessages);
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, ownMessages(part)]));
}
