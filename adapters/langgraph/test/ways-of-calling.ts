// The ways in which a model is called, one by one; and an app that calls OpenAI's client in all of them.
import { type AIMessageChunk, isBaseMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { END, START, StateGraph } from "@langchain/langgraph";
import { ChatOpenAI, type ClientOptions, OpenAIEmbeddings } from "@langchain/openai";
import { z } from "zod";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { durableEmbeddings } from "../src/index.ts";
import { place } from "./asking-scenario.ts";
import { type DurableApp, unwantedOfLossy } from "./crash-scenario.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import type { Effect } from "./scenarios/scenario.ts";

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

type Way = readonly [requests: number, call: () => Promise<unknown>];

/** Each with the number of requests that it takes. */
export function waysOfCalling(configuration: ClientOptions): Record<string, Way> {
  const model = () =>
    new ChatOpenAI({ model: "gpt-test", apiKey: "none", maxRetries: 0, configuration });
  return {
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
    batch: [3, () => model().batch(["a", "b", "c"])],
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
    embeddings: [
      2,
      async () => {
        const embeddings = durableEmbeddings(
          new OpenAIEmbeddings({ apiKey: "none", configuration }),
        );
        return [await embeddings.embedQuery("a"), await embeddings.embedDocuments(["b", "c"])];
      },
    ],
  };
}

/** Without the ids that LangChain draws. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (isBaseMessage(value)) {
    const { content, response_metadata, additional_kwargs } = value;
    const { tool_calls, usage_metadata } = value as AIMessageChunk;
    return plain({ content, response_metadata, additional_kwargs, tool_calls, usage_metadata });
  }
  return JSON.parse(JSON.stringify(value ?? null).replace(/run-[0-9a-f-]{36}/g, "run"));
}

const AT_ONCE = 3;
/** But the one that takes seconds. */
const names = Object.keys(waysOfCalling({})).filter((name) => name !== "withRetry, failing");

/** Apps that call in some of the ways at once, all of them together. */
export function calledInAllWays(baseURL: string | undefined): readonly CrashScenario[] {
  const count = Math.ceil(names.length / AT_ONCE);
  return Array.from({ length: count }, (_, nth) =>
    calledInWays(names.slice(nth * AT_ONCE, (nth + 1) * AT_ONCE), baseURL),
  );
}

/** Each way in a node of its own, which looks up what came of it. */
function calledInWays(some: readonly string[], baseURL: string | undefined): CrashScenario {
  return {
    name: `an app that calls by ${some.join(", ")}`,
    // Of the error of OpenAI's client.
    unwanted: unwantedOfLossy,
    async run({ runtime, runId, effect }) {
      const asks: typeof fetch = async (url, init) => {
        const { messages, input } = JSON.parse(String(init?.body)) as Record<string, unknown>;
        await effect(`request ${JSON.stringify(messages ?? input)} in ${place()}`);
        return fetch(url, init);
      };
      const ways = Object.entries(waysOfCalling({ baseURL, fetch: asks }));
      const app = inNodes(
        ways.filter(([name]) => some.includes(name)),
        effect,
      );
      return runtime.run(app, {}, { durable: { runId } });
    },
  };
}

function inNodes(ways: readonly [string, Way][], effect: Effect): DurableApp {
  const graph = new StateGraph(Lines);
  for (const [name, [, call]] of ways) {
    const lookUp = fakeTool((found) => effect(`${found} in ${place()}`), "look");
    const node = async () => {
      const came = JSON.stringify(plain(await call()));
      return { lines: [came, await lookUp.invoke({ q: name })] };
    };
    const all = graph.addNode(name, node) as unknown as StateGraph<never, never, never, string>;
    all.addEdge(START, name).addEdge(name, END);
  }
  return graph.compile() as DurableApp;
}
