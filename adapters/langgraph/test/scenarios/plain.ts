// An app's output as data that two executions have in common: no ids, no times, each message as one
// line. Whatever else a user could see is kept, so a difference there stays one.
import {
  AIMessage,
  type BaseMessage,
  isBaseMessage,
  ToolMessage,
  type UsageMetadata,
} from "@langchain/core/messages";

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d{2}-\d{2}T[\d:.]+Z/g;

export function plain(value: unknown): unknown {
  if (typeof value === "string") return value.replace(UUID, "<uuid>").replace(TIME, "<time>");
  if (isBaseMessage(value)) return plain(line(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      plain(key === "__interrupt__" ? questions(part) : part),
    ]),
  );
}

function line(message: BaseMessage): string {
  const parts = [message.name ? `${message.type} ${message.name}:` : `${message.type}:`];
  if (ToolMessage.isInstance(message)) {
    parts.push(`[${message.tool_call_id}]`, message.status ?? "");
  }
  parts.push(
    typeof message.content === "string" ? message.content : JSON.stringify(message.content),
  );
  if (AIMessage.isInstance(message)) {
    for (const { name, args, id } of message.tool_calls ?? []) {
      parts.push(`[${id}] ${name}(${JSON.stringify(args)})`);
    }
    parts.push(tokens(message.usage_metadata));
  }
  return parts.filter((part) => part !== "").join(" ");
}

function tokens(usage: UsageMetadata | undefined): string {
  return usage === undefined ? "" : `(${usage.total_tokens} tokens)`;
}

/** Without the id of an interrupt, which is a hash of random ids. */
function questions(interrupts: unknown): unknown {
  return Array.isArray(interrupts) ? interrupts.map(({ value }) => value) : interrupts;
}
