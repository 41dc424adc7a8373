// What a model call is known by: the same for the same conversation, whatever ids were drawn for it.
import { createCodec } from "@holdfast/core";
import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { array, assert, property, record, shuffledSubarray, string } from "fast-check";
import { expect, test } from "vitest";
import { messageIdentity } from "../src/message-identity.ts";

const codec = createCodec();
const identity = (messages: readonly BaseMessage[]) =>
  codec.canonical(messages.map(messageIdentity));

const KEYS = ["a", "b", "c", "d"];
const turn = record({ text: string(), args: array(string(), { minLength: 4, maxLength: 4 }) });

/** A conversation with the ids given, and the arguments of its calls in the order of keys given. */
function conversation(
  turns: readonly { readonly text: string; readonly args: readonly string[] }[],
  ids: string,
  order: readonly string[],
): BaseMessage[] {
  return turns.flatMap(({ text, args }, nth) => {
    const named = Object.fromEntries(order.map((key) => [key, args[KEYS.indexOf(key)]]));
    const call = { name: "search", args: named, id: `call ${nth}` };
    return [
      new HumanMessage({ content: text, id: `${ids} human ${nth}` }),
      new AIMessage({ content: "", id: `${ids} ai ${nth}`, tool_calls: [call] }),
      new ToolMessage({ content: text, id: `${ids} tool ${nth}`, tool_call_id: `call ${nth}` }),
    ];
  });
}

const allKeys = shuffledSubarray(KEYS, { minLength: 4 });

test("the hash of a conversation knows neither its message ids nor the order of keys", () => {
  assert(
    property(array(turn), string(), string(), allKeys, allKeys, (turns, ids, others, one, two) => {
      const recorded = identity(conversation(turns, ids, one));
      expect(identity(conversation(turns, others, two))).toBe(recorded);
    }),
  );
});

test("the hash of a conversation knows every word of it", () => {
  assert(
    property(array(turn, { minLength: 1 }), string(), (turns, added) => {
      const longer = turns.with(0, { ...turns[0]!, text: `${turns[0]!.text}${added}!` });
      const recorded = identity(conversation(turns, "x", KEYS));
      expect(identity(conversation(longer, "x", KEYS))).not.toBe(recorded);
    }),
  );
});
