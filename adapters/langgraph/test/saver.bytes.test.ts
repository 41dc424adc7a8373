// What a long conversation on one thread costs: as much in its last turn as in its first.
import { createCodec } from "@holdfast/core";
import { newId } from "@holdfast/core/store";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { CheckpointSaver } from "../src/checkpoint-saver.ts";
import { writtenBy } from "../src/checkpoint-space.ts";
import { langGraphCodec } from "../src/codec.ts";

const { open, pool } = testDatabase();
const codec = createCodec({ extensions: langGraphCodec });
const TEXT = 1_000;

/** Answers at length, and no two answers have anything in common. */
const chat = () =>
  new StateGraph(MessagesAnnotation)
    .addNode("answer", ({ messages }) => ({
      messages: [new AIMessage({ id: newId(), content: text(`answer ${messages.length}`) })],
    }))
    .addEdge(START, "answer")
    .addEdge("answer", END)
    .compile();

function text(start: string): string {
  let long = start;
  while (long.length < TEXT) long += ` ${newId()}`;
  return long.slice(0, TEXT);
}

test("a chat of many turns on one thread, each in a process of its own, stays linear in bytes", async () => {
  const store = await open();
  const runId = newId();
  await store.createRun({ runId, namespace: "default", app: "chat" });
  const sizes = new Map<number, number>();
  for (let turn = 1; turn <= 400; turn += 1) {
    // Every tenth turn knows nothing of those before.
    const process = turn % 10 === 0 ? await open() : store;
    const writer = await process.takeOver(runId);
    const space = writtenBy(writer, { store: process, codec, reportLosses: refuse });
    const saver = new CheckpointSaver(space, { name: "chat", by: { runId, maker: runId } });
    const configurable = { thread_id: "t", __pregel_checkpointer: saver };
    const input = { messages: [new HumanMessage(text(`question ${turn}`))] };
    const { messages } = await chat().invoke(input, { configurable, durability: "sync" });
    expect(messages).toHaveLength(2 * turn);
    if (process !== store) await process.close();
    if ([100, 200, 400].includes(turn)) sizes.set(turn, await bytes());
  }
  const [first, second, third] = [sizes.get(100)!, sizes.get(200)!, sizes.get(400)!];
  expect((third - second) / (second - first)).toBeLessThan(2.05);
  expect(third).toBeLessThan(3.5 * 400 * 2 * TEXT);
}, 300_000);

/** Of all rows, with their headers, without indexes. */
async function bytes(): Promise<number> {
  const tables = ["items", "lists", "sessions"];
  const sizes = tables.map(
    (table) => `(select sum(pg_column_size(x.*) + 28) from holdfast.${table} x)`,
  );
  const { rows } = await pool.query(`select (${sizes.join(" + ")})::float8 as bytes`);
  return rows[0].bytes;
}

function refuse({ what }: { readonly what: string }): never {
  throw new Error(`${what} would not be read back as it is.`);
}
