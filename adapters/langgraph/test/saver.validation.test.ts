// LangGraph's own suite for checkpointers, over the store in memory and over a real Postgres.
import { createCodec } from "@holdfast/core";
import { memoryDatabase, newId, openMemoryStore, type Store } from "@holdfast/core/store";
import { deltaChannelHistoryTests, validate } from "@langchain/langgraph-checkpoint-validation";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { CheckpointSaver } from "../src/checkpoint-saver.ts";
import { writtenBy } from "../src/checkpoint-space.ts";
import { langGraphCodec } from "../src/codec.ts";

// The suite takes these from there.
Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it });

const postgres = testDatabase();
const codec = createCodec({ extensions: langGraphCodec });

const stores: Readonly<Record<string, () => Store | Promise<Store>>> = {
  "the store in memory": () => openMemoryStore(memoryDatabase()),
  "the store on Postgres": () => postgres.open(),
};

describe.each(Object.entries(stores))("a saver over %s", (_, open) => {
  const initializer = { checkpointerName: "Holdfast", createCheckpointer };
  let store: Store | undefined;

  validate(initializer);
  deltaChannelHistoryTests(initializer);

  /** Over a space of its own, which nobody but it writes to. */
  async function createCheckpointer(): Promise<CheckpointSaver> {
    store ??= await open();
    const runId = newId();
    await store.createRun({ runId, namespace: "default", app: "saver" });
    const space = writtenBy(await store.takeOver(runId), { store, codec, reportLosses: refuse });
    return new CheckpointSaver(space, { name: "validation", by: { runId, maker: runId } });
  }
});

function refuse({ what }: { readonly what: string }): never {
  throw new Error(`${what} would not be read back as it is.`);
}
