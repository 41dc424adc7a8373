import { createRequire } from "node:module";
import { createCodec } from "@holdfast/core";
import { Document } from "@langchain/core/documents";
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  ChatMessage,
  HumanMessage,
  RemoveMessage,
  type StandardMessageStructure,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import { Command, Overwrite, Send } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { langGraphCodec } from "../src/codec.ts";

const codec = createCodec({ extensions: langGraphCodec });
const usage_metadata = { input_tokens: 7, output_tokens: 3, total_tokens: 10 };
const call = { name: "look", args: { q: "x" }, id: "call_0", type: "tool_call" as const };
const chunk = new AIMessageChunk<StandardMessageStructure>({
  content: "",
  tool_call_chunks: [
    { name: "look", args: '{"q"', id: "call_0", index: 0, type: "tool_call_chunk" },
  ],
});

test.each<
  readonly [string, BaseMessage | Document | Command | Send | Overwrite | ChatGenerationChunk]
>([
  ["a human message", new HumanMessage({ content: "hi", id: "1", name: "ana" })],
  ["content in blocks", new HumanMessage({ content: [{ type: "text", text: "hi" }] })],
  ["a system message", new SystemMessage("be kind")],
  [
    "an answer",
    new AIMessage<StandardMessageStructure>({ content: "yes", usage_metadata, id: "2" }),
  ],
  [
    "a call",
    new AIMessage({ content: "", tool_calls: [call], additional_kwargs: { kept: new Date(0) } }),
  ],
  [
    "a result",
    new ToolMessage({ content: "found", tool_call_id: "call_0", artifact: new Map([[1, 2]]) }),
  ],
  ["an empty list as content", new AIMessage({ content: [], tool_calls: [call] })],
  [
    "an empty list as artifact",
    new ToolMessage({ content: [], tool_call_id: "call_0", artifact: [] }),
  ],
  [
    "an empty object as artifact",
    new ToolMessage({ content: "", tool_call_id: "call_0", artifact: {} }),
  ],
  ["a removal", new RemoveMessage({ id: "1" })],
  ["a role", new ChatMessage("hm", "critic")],
  ["a chunk", chunk],
  ["a chunk of a generation", new ChatGenerationChunk({ text: "", message: chunk })],
  ["a document", new Document({ pageContent: "text", metadata: { source: new URL("http://a/") } })],
  ["a command", new Command({ update: { at: new Date(0) }, goto: [new Send("work", { n: 1 })] })],
  ["a send", new Send("work", { messages: [new HumanMessage("hi")] })],
  ["an overwrite", new Overwrite(["only this"])],
])("%s is the same after a restart", (_what, value) => {
  const { text, losses } = codec.encode(value);
  expect(losses).toEqual([]);
  const decoded = codec.decode(text);
  expect(withoutArguments(decoded)).toStrictEqual(withoutArguments(value));
  expect(codec.encode(decoded).text).toBe(text);
  expect(JSON.parse(JSON.stringify(decoded))).toEqual(JSON.parse(JSON.stringify(value)));
});

test("chunks can still be put together", () => {
  const one = codec.decode(
    codec.encode(new ChatGenerationChunk({ text: "a", message: chunk })).text,
  );
  expect((one as ChatGenerationChunk).concat(one as ChatGenerationChunk).text).toBe("aa");
});

test("a message of a class of the user's own is not taken for one of LangChain's", () => {
  class Whisper extends HumanMessage {}
  expect(codec.encode(new Whisper("psst")).losses[0]?.what).toContain("Whisper");
});

test("a message of another copy of the package is known", () => {
  const require = createRequire(import.meta.url);
  const other = require("@langchain/core/messages") as typeof import("@langchain/core/messages");
  expect(other.HumanMessage).not.toBe(HumanMessage);
  const decoded = codec.decode(codec.encode(new other.HumanMessage("hi")).text);
  expect(withoutArguments(decoded)).toStrictEqual(withoutArguments(new HumanMessage("hi")));
});

/** Without what a message was constructed with, which it holds a second time, maybe as `undefined`. */
function withoutArguments(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutArguments);
  const prototype: unknown = Object.getPrototypeOf(value);
  const copy: object = Object.create(prototype as object | null);
  for (const key of Reflect.ownKeys(value)) {
    if (key === "lc_kwargs") continue;
    const part: unknown = Reflect.get(value, key);
    Reflect.set(copy, key, prototype === Date.prototype ? part : withoutArguments(part));
  }
  return value instanceof Date || value instanceof URL || value instanceof Map ? value : copy;
}
