// What is a step besides chat models, wherever it is called: a crash right after it makes it neither
// happen again nor give anything else.
import { InMemoryCache } from "@langchain/core/caches";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { Document } from "@langchain/core/documents";
import { Embeddings } from "@langchain/core/embeddings";
import { LLM } from "@langchain/core/language_models/llms";
import {
  AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  type StandardMessageStructure,
} from "@langchain/core/messages";
import { GenerationChunk } from "@langchain/core/outputs";
import { BaseRetriever } from "@langchain/core/retrievers";
import { RunnableLambda } from "@langchain/core/runnables";
import { StructuredTool, tool } from "@langchain/core/tools";
import { VectorStore } from "@langchain/core/vectorstores";
import { InMemoryStore } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { durableEmbeddings } from "../src/index.ts";
import { inNode, processes } from "./processes.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";

const { twice, steps } = processes();
let effects: string[];
beforeEach(() => {
  effects = [];
});
const effect = async (name: string) => void effects.push(name);

class FakeLLM extends LLM {
  constructor() {
    super({});
  }
  override _llmType() {
    return "fake";
  }
  override async _call(prompt: string) {
    await effect(`llm ${prompt}`);
    return `text after ${prompt}`;
  }
  override async *_streamResponseChunks(
    prompt: string,
    _options: this["ParsedCallOptions"],
    callbacks?: CallbackManagerForLLMRun,
  ) {
    await effect(`llm ${prompt}`);
    for (const text of ["text ", "after ", prompt]) {
      yield new GenerationChunk({ text });
      await callbacks?.handleLLMNewToken(text);
    }
  }
}

class FakeRetriever extends BaseRetriever {
  lc_namespace = ["test"];
  readonly #inner: BaseRetriever | undefined;
  constructor(inner?: BaseRetriever) {
    super();
    this.#inner = inner;
  }
  override async _getRelevantDocuments(query: string) {
    await effect(`retrieve ${query}`);
    const more = (await this.#inner?.invoke(`inner ${query}`)) ?? [];
    return [new Document({ pageContent: query, metadata: { at: new Date(0) } }), ...more];
  }
}

class FakeEmbeddings extends Embeddings {
  constructor() {
    super({});
  }
  async embedQuery(text: string) {
    await effect(`embed ${text.replace(/\s/g, "")}`);
    return [text.length, 1];
  }
  async embedDocuments(texts: string[]) {
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }
}

class FakeVectorStore extends VectorStore {
  readonly #documents: Document[] = [];
  override _vectorstoreType() {
    return "fake";
  }
  override async addVectors(_vectors: number[][], documents: Document[]) {
    await effect(`add ${documents.length}`);
    this.#documents.push(...documents);
  }
  override async addDocuments(documents: Document[]) {
    await this.addVectors(await this.embeddings.embedDocuments(["x"]), documents);
  }
  override async similaritySearchVectorWithScore(query: number[]): Promise<[Document, number][]> {
    await effect(`search ${query}`);
    return [[new Document({ pageContent: `near ${query}` }), 0.5]];
  }
}

class Doubling extends StructuredTool {
  name = "double";
  description = "Doubles.";
  schema = z.object({ n: z.number() });
  override async _call({ n }: { n: number }) {
    await effect(`double ${n}`);
    return String(2 * n);
  }
}

const calling = (...calls: [name: string, q: string][]) =>
  new AIMessage({
    content: "",
    tool_calls: calls.map(([name, q], nth) => ({
      name,
      args: { q },
      id: `${nth}`,
      type: "tool_call",
    })),
  });

const vectors = new FakeVectorStore(new FakeEmbeddings(), {});
const store = new InMemoryStore({ index: { dims: 2, embeddings: new FakeEmbeddings() } });

/** With the steps that are expected, and the effects of one execution. */
const calls: Record<string, readonly [steps: string[], effects: string[], () => Promise<unknown>]> =
  {
    "a model of texts": [["model FakeLLM in /node:1"], ["llm a"], () => new FakeLLM().invoke("a")],
    "a model of texts, in batches": [
      ["model FakeLLM in /node:1", "model FakeLLM in /node:1"],
      ["llm a", "llm b"],
      () => new FakeLLM().batch(["a", "b"]),
    ],
    "a model of texts, streamed": [
      ["model FakeLLM in /node:1"],
      ["llm a"],
      async () => {
        const heard: string[] = [];
        const callbacks = [{ handleLLMNewToken: (token: string) => void heard.push(`<${token}>`) }];
        for await (const text of await new FakeLLM().stream("a", { callbacks })) heard.push(text);
        return heard.sort();
      },
    ],
    "a retriever": [
      ["retrieval FakeRetriever in /node:1"],
      ["retrieve a"],
      () => new FakeRetriever().invoke("a"),
    ],
    "a retriever in a retriever": [
      ["retrieval FakeRetriever in /node:1", "retrieval FakeRetriever in /node:1/FakeRetriever"],
      ["retrieve a", "retrieve inner a"],
      () => new FakeRetriever(new FakeRetriever()).invoke("a"),
    ],
    "a vector store": [
      ["retrieval FakeVectorStore in /node:1"],
      ["embed a", "search 1,1"],
      () => vectors.similaritySearch("a"),
    ],
    "a vector store as a retriever": [
      ["retrieval VectorStoreRetriever in /node:1"],
      ["embed a", "search 1,1"],
      () => vectors.asRetriever().invoke("a"),
    ],
    "a vector store that is written to": [
      ["retrieval FakeVectorStore in /node:1"],
      ["embed x", "add 1"],
      async () => {
        vectors.asRetriever();
        return (await vectors.addDocuments([new Document({ pageContent: "d" })])) ?? "added";
      },
    ],
    embeddings: [
      ["retrieval FakeEmbeddings in /node:1", "retrieval FakeEmbeddings in /node:1"],
      ["embed a", "embed b"],
      async () => {
        const embeddings = durableEmbeddings(new FakeEmbeddings());
        return [await embeddings.embedQuery("a"), await embeddings.embedDocuments(["b"])];
      },
    ],
    "a store": [
      ["put", "get", "search", "listNamespaces", "delete", "get"].map(
        (name) => `store ${name} in /node:1`,
      ),
      ['embed {"text":"kelp"}', "embed seaweed"],
      async () => {
        await store.put(["notes"], "one", { text: "kelp" });
        const found = await store.get(["notes"], "one");
        const near = await store.search(["notes"], { query: "seaweed" });
        const namespaces = await store.listNamespaces();
        await store.delete(["notes"], "one");
        return [found, near, namespaces, await store.get(["notes"], "one")];
      },
    ],
    "a class of tools": [
      ["tool double in /node:1"],
      ["double 4"],
      () => new Doubling().invoke({ n: 4 }),
    ],
    "a tool of one string": [
      ["tool shout in /node:1"],
      ["shout a"],
      () =>
        tool(
          async (text: string) => {
            await effect(`shout ${text}`);
            return text.toUpperCase();
          },
          { name: "shout", schema: z.string() },
        ).invoke("a"),
    ],
    "a tool in a tool": [
      ["tool outer in /node:1", "tool inner in /node:1/outer"],
      ["tool: inner a"],
      () =>
        tool(
          async ({ q }: { q: string }) =>
            `outer of ${await fakeTool(effect, "inner").invoke({ q })}`,
          {
            name: "outer",
            schema: z.object({ q: z.string() }),
          },
        ).invoke({ q: "a" }),
    ],
    "tools of a tool node": [
      ["tool one in /node:1", "tool two in /node:1", "tool one in /node:1"],
      ["tool: one a", "tool: two b", "tool: one c"],
      async () => {
        const node = new ToolNode([fakeTool(effect, "one"), fakeTool(effect, "two")]);
        const message = calling(["one", "a"], ["two", "b"], ["one", "c"]);
        const { messages } = (await node.invoke({ messages: [message] })) as {
          messages: BaseMessage[];
        };
        return messages.map(({ content }) => content);
      },
    ],
    "a runnable as a tool": [
      ["tool ask in /node:1", "model FakeModel in /node:1/ask"],
      ['model: human "a" (1)'],
      async () => {
        const model = new FakeModel(effect, ([message]) => `answer to ${message?.text}`);
        const ask = RunnableLambda.from(({ q }: { q: string }) => q)
          .pipe(model)
          .pipe((message) => message.text)
          .asTool({ name: "ask", schema: z.object({ q: z.string() }) });
        const node = new ToolNode([ask]);
        const { messages } = (await node.invoke({ messages: [calling(["ask", "a"])] })) as {
          messages: BaseMessage[];
        };
        return messages.map(({ content }) => content);
      },
    ],
  };

describe.each(Object.entries(calls))("%s", (_name, [expected, effectsOfOne, call]) => {
  test("happens once, and gives again what it gave", async () => {
    const bare = await call();
    expect(effects).toEqual(effectsOfOne);
    effects = [];
    const [live, again] = await twice(call);
    expect(effects).toEqual(effectsOfOne);
    expect(withoutTimes(live)).toEqual(withoutTimes(bare));
    expect(again).toEqual(live);
    expect(await steps()).toEqual(expected);
  });
});

test("what a model's cache had is what it has again, though it has forgotten", async () => {
  let cache = new InMemoryCache();
  const model = () =>
    Object.assign(new FakeModel(effect, () => `answer ${effects.length}`), { cache });
  await inNode(() => model().invoke("hi")).invoke({});
  const answers = await twice(async () => {
    const { text } = await model().invoke("hi");
    cache = new InMemoryCache();
    return text;
  });
  expect(answers).toEqual(["answer 1", "answer 1"]);
  expect(await steps()).toEqual(["store cache in /node:1"]);
});

describe("a model that somebody listens to only after the crash, or only before it", () => {
  const call = { name: "look", args: { q: "a" }, id: "1" };
  const answer = (messages: readonly BaseMessage[]) =>
    messages[0]?.text === "call" ? [call] : "one two three";
  const told = { lc_prefer_streaming: true, handleLLMNewToken() {} };
  const events = { lc_prefer_chat_model_stream_events: true, handleChatModelStreamEvent() {} };

  test.each(["say", "call"])("is asked once, to %s something", async (prompt) => {
    const model = new FakeModel(effect, answer);
    const plainly = () => model.invoke(prompt);
    const told1 = () => model.invoke(prompt, { callbacks: [told] });
    const inEvents = () => model.invoke(prompt, { callbacks: [events] });
    const streamed = async () => {
      const chunks: AIMessageChunk[] = [];
      for await (const chunk of await model.stream(prompt)) chunks.push(chunk);
      return chunks.reduce((all, chunk) => all.concat(chunk));
    };
    const ways = [plainly, told1, inEvents, streamed];
    const pairs = ways.flatMap((first) => ways.map((second) => [first, second]));
    let execution = 0;
    const bare: unknown[] = [];
    for (const way of ways) bare.push(said(await way()));
    effects = [];
    const [live, again] = await twice(async () => {
      const answers: unknown[] = [];
      for (const pair of pairs) answers.push(said(await pair[execution]!()));
      execution += 1;
      return answers;
    });
    expect(effects).toHaveLength(pairs.length);
    expect(new Set([...bare, ...live, ...again]).size).toBe(1);
  });

  function said(message: AIMessage | AIMessageChunk): string {
    const {
      text,
      tool_calls = [],
      usage_metadata,
    } = message as AIMessage<StandardMessageStructure>;
    const calls = tool_calls.map(({ name, args, id }) => ({ name, args, id }));
    return JSON.stringify([text, calls, usage_metadata?.total_tokens]);
  }
});

/** Stores say when they were written to. */
function withoutTimes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, part: unknown) =>
    key === "createdAt" || key === "updatedAt" ? "then" : part,
  );
}
