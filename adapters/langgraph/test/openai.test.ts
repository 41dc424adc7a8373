// The client of OpenAI against a server on the loopback: in every way a model is called, a crash right
// after the call makes it neither ask again nor tell anything else.
import { type AIMessageChunk, HumanMessage, isBaseMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { type OpenAIServer, openAIServer } from "../../../conformance/src/http/index.ts";
import { durableEmbeddings } from "../src/index.ts";
import { agentOnOpenAI } from "./agent-on-openai.ts";
import { processes } from "./processes.ts";

const { twice, steps } = processes();
let server: OpenAIServer;
let asked: number;
beforeAll(async () => {
  server = await openAIServer();
});
afterAll(() => server.close());
beforeEach(() => {
  asked = server.requests.length;
});

const model = (more: object = {}) =>
  new ChatOpenAI({
    model: "gpt-test",
    apiKey: "none",
    maxRetries: 0,
    configuration: { baseURL: server.url },
    ...more,
  });
const look = tool(async ({ q }) => `found ${q}`, {
  name: "look",
  description: "Looks up.",
  schema: z.object({ q: z.string() }),
});
const Answer = z.object({ q: z.string() });

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const piece of stream) all.push(piece);
  return all;
}

/** The calls, each with the number of requests that it takes. */
const calls: Record<string, readonly [requests: number, call: () => Promise<unknown>]> = {
  invoke: [1, () => model().invoke("hi")],
  "invoke, with callbacks that want tokens": [
    1,
    async () => {
      const tokens: string[] = [];
      const handleLLMNewToken = (token: string) => void tokens.push(token);
      const callbacks = [{ handleLLMNewToken, lc_prefer_streaming: true }];
      return [(await model().invoke("hi there you", { callbacks })).content, tokens];
    },
  ],
  stream: [1, async () => collect(await model().stream("hi there you"))],
  "stream, left early": [
    1,
    async () => {
      const heard: unknown[] = [];
      for await (const { content } of await model().stream("hi there you")) {
        heard.push(content);
        if (heard.length === 3) break;
      }
      return heard;
    },
  ],
  batch: [3, () => model().batch(["a", "b", "a"])],
  bindTools: [1, () => model().bindTools([look]).invoke("hi")],
  "bindTools, streamed": [1, async () => collect(await model().bindTools([look]).stream("hi"))],
  "withStructuredOutput by schema": [
    1,
    () => model().withStructuredOutput(Answer, { method: "jsonSchema" }).invoke("hi"),
  ],
  "withStructuredOutput by function": [
    1,
    () => model().withStructuredOutput(Answer, { method: "functionCalling" }).invoke("hi"),
  ],
  "a chain": [
    1,
    () =>
      RunnableLambda.from((text: string) => `${text}!`)
        .pipe(model())
        .pipe((message) => message.content)
        .invoke("hi"),
  ],
  "a chain, streamed": [
    1,
    async () =>
      collect(
        await RunnableLambda.from((text: string) => `${text} you`)
          .pipe(model())
          .stream("hi"),
      ),
  ],
  "withRetry, failing": [
    2,
    () =>
      model()
        .withRetry({ stopAfterAttempt: 2 })
        .invoke("fail 503")
        .catch((error: { status?: number }) => `failed with ${error.status}`),
  ],
  withFallbacks: [
    2,
    () =>
      model()
        .withFallbacks([RunnableLambda.from(() => model().invoke("instead"))])
        .invoke("fail 400"),
  ],
  "streamEvents, version 2": [
    1,
    async () => {
      const events = await collect(model().streamEvents("hi there you", { version: "v2" }));
      return events.map(({ event, data }) => [event, (data.chunk as AIMessageChunk)?.content]);
    },
  ],
  "streamEvents, version 3": [
    1,
    async () => {
      const stream = model().streamEvents("hi there you");
      const events = await collect(stream);
      return [events, (await stream).content];
    },
  ],
  "a time limit": [
    1,
    () =>
      model()
        .invoke([new HumanMessage("slow")], { timeout: 30 })
        .catch((error: Error) => error.name),
  ],
  embeddings: [
    2,
    async () => {
      const embeddings = durableEmbeddings(
        new OpenAIEmbeddings({ apiKey: "none", configuration: { baseURL: server.url } }),
      );
      return [await embeddings.embedQuery("a"), await embeddings.embedDocuments(["b", "c"])];
    },
  ],
};

describe.each(Object.entries(calls))("%s", (_name, [requests, call]) => {
  test("is asked once, and told again as it was", async () => {
    const bare = plain(await call());
    expect(server.requests.length - asked).toBe(requests);
    const [live, again] = await twice(call);
    expect(server.requests.length - asked).toBe(2 * requests);
    expect(plain(live)).toEqual(bare);
    expect(plain(again)).toEqual(bare);
    expect(await steps()).toHaveLength(requests);
  });
});

test("an agent on OpenAI's client is killed at every point, and nobody can tell", async () => {
  const report = await everyPoint(agentOnOpenAI(server.url), { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

/** Without the ids that LangChain draws. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (isBaseMessage(value)) {
    const { content, response_metadata, additional_kwargs } = value;
    const { tool_calls, usage_metadata } = value as AIMessageChunk;
    return plain({ content, response_metadata, additional_kwargs, tool_calls, usage_metadata });
  }
  return JSON.parse(JSON.stringify(value ?? null).replace(/run-[0-9a-f-]{36}/g, "run"));
}
