// What a stream tells, as data that two executions have in common: without ids, times, traces of where
// an error was made, and keys whose order a restart changes.
import { isBaseMessage } from "@langchain/core/messages";
import { plain } from "./scenarios/plain.ts";

const RANDOM = /\b([0-9a-f]{32}|session_[0-9a-f]+)\b/g;
const ID = /^(run-)?(<uuid>|<id>)(-tool-.*)?$/;
/** Of the time, or put later into what was told already: whether that is seen is a matter of moments. */
const PASSING = new Set(["seq", "timestamp", "callbacks", "interruptId", "pregelTaskId"]);

export async function readAll(stream: unknown): Promise<readonly unknown[]> {
  const told: unknown[] = [];
  for await (const chunk of (await stream) as AsyncIterable<unknown>) told.push(plainChunk(chunk));
  return told;
}

export function plainChunk(chunk: unknown): unknown {
  return chunk instanceof Uint8Array ? encoded(new TextDecoder().decode(chunk)) : data(chunk, []);
}

/** One after the other in each graph and mode: tasks beside each other are as fast as they are. */
export function inAnyOrder(told: readonly unknown[]): readonly string[] {
  return told.map((chunk) => JSON.stringify(chunk)).toSorted();
}

function encoded(text: string): unknown {
  const [event, json] = text.split("\ndata: ");
  const value: unknown = json === undefined ? null : JSON.parse(json);
  return [plain(event), data(value, [])];
}

function data(value: unknown, around: readonly unknown[]): unknown {
  if (typeof value === "string") {
    const [message] = value.split(/\n+ {4}at /);
    return plain(message!.replace(RANDOM, "<id>"));
  }
  if (isBaseMessage(value)) return String(plain(value)).replace(/^(ai)[^:]*:/, "$1:");
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return value;
  if (around.includes(value)) return "itself";
  if (Array.isArray(value)) return value.map((part) => data(part, [...around, value]));
  if ("lg_name" in value) return value.lg_name;
  const entries = Object.entries(value)
    .map(([key, part]) => [key, data(part, [...around, value])] as const)
    .filter(([key, part]) => !isPassing(value, key, part))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

function isPassing(around: object, key: string, part: unknown): boolean {
  if (key === "id") return part === undefined || ID.test(String(part));
  if (key === "name" && "type" in around && around.type === "ai") return true;
  return PASSING.has(key) || key.startsWith("__pregel_");
}
