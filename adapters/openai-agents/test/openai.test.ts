// The client of OpenAI against a server on the loopback, on both of its APIs: a crash makes it ask for
// nothing that was answered, and nobody can tell the answers apart.
import {
  Agent,
  OpenAIChatCompletionsModel,
  OpenAIProvider,
  OpenAIResponsesModel,
  Runner,
  run,
  setDefaultOpenAIClient,
  setOpenAIAPI,
  tool,
} from "@openai/agents";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type OpenAIServer, openAIServer } from "../../../conformance/src/http/index.ts";
import { deadly } from "./deadly.ts";
import { processes } from "./processes.ts";
import { plainEvent } from "./scenarios/plain.ts";

const { next, die } = processes();
const durable = { runId: "r" };
let server: OpenAIServer;
let client: OpenAI;
let asked: number;
let cut = false;
let failures = 0;
beforeAll(async () => {
  server = await openAIServer({
    answer({ messages, tools }) {
      if (failures > 0) {
        failures -= 1;
        return { error: "too much", status: failures === 0 ? 500 : 429 };
      }
      const results = messages.filter(({ role }) => role === "tool").length;
      if (results < 2 && tools !== undefined) {
        return { calls: [{ name: "look", args: { q: `${results}` } }] };
      }
      return { text: `found ${results} things in all`, ...(cut ? { cutAfter: 4 } : {}) };
    },
  });
  client = new OpenAI({ apiKey: "none", baseURL: server.url, maxRetries: 0 });
  setDefaultOpenAIClient(client as never);
});
afterAll(() => server.close());
beforeEach(() => {
  asked = server.requests.length;
  cut = false;
});

let looked = 0;
beforeEach(() => {
  looked = 0;
});

const look = (inside: () => Promise<void> = async () => {}) =>
  tool({
    name: "look",
    description: "Looks up.",
    parameters: z.object({ q: z.string() }),
    async execute({ q }) {
      looked += 1;
      await inside();
      return `saw ${q}`;
    },
  });

type Tools = Agent["tools"];

/** In how many ways a model is named, with the SDK's own call. */
const ways: Record<string, (tools: Tools) => { readonly agent: Agent; readonly runner?: Runner }> =
  {
    "a name, on the Responses API": (tools) => {
      setOpenAIAPI("responses");
      return { agent: new Agent({ name: "Clerk", model: "gpt-test", tools }) };
    },
    "a name, on the Chat Completions API": (tools) => {
      setOpenAIAPI("chat_completions");
      return { agent: new Agent({ name: "Clerk", model: "gpt-test", tools }) };
    },
    "the default of the SDK": (tools) => {
      setOpenAIAPI("responses");
      return { agent: new Agent({ name: "Clerk", tools }) };
    },
    "a name, of a provider of the runner's": (tools) => ({
      agent: new Agent({ name: "Clerk", model: "gpt-test", tools }),
      runner: new Runner({
        modelProvider: new OpenAIProvider({ openAIClient: client as never, useResponses: false }),
      }),
    }),
    "the model of the runner": (tools) => ({
      agent: new Agent({ name: "Clerk", tools }),
      runner: new Runner({ model: new OpenAIResponsesModel(client as never, "gpt-test") }),
    }),
    "a model of Responses": (tools) => ({
      agent: new Agent({
        name: "Clerk",
        model: new OpenAIResponsesModel(client as never, "gpt-test"),
        tools,
      }),
    }),
    "a model of Chat Completions": (tools) => ({
      agent: new Agent({
        name: "Clerk",
        model: new OpenAIChatCompletionsModel(client as never, "gpt-test"),
        tools,
      }),
    }),
  };

describe.each(Object.entries(ways))("by %s", (_, made) => {
  const app = (tools: Tools) => {
    const { agent, runner } = made(tools);
    return runner === undefined ? agent : { agent, runner };
  };

  async function bare() {
    const { agent, runner } = made([look()]);
    const result = await (runner ?? { run }).run(agent, "Go.");
    const stream = await (runner ?? { run }).run(agent, "Go.", { stream: true });
    const events = await eventsOf(stream);
    asked = server.requests.length;
    looked = 0;
    return { result: facts(result), events, streamed: facts(stream) };
  }

  test("a whole answer is asked for once, wherever a process died", async () => {
    const { result } = await bare();
    const { body, reached } = deadly();
    void next()
      .run(app([look(body)]), "Go.", { durable })
      .catch(() => {});
    await reached;
    die();
    expect(server.requests.length - asked).toBe(1);
    expect(facts(await next().run(app([look()]), "Go.", { durable }))).toEqual(result);
    expect(server.requests.length - asked).toBe(3);
    expect(looked).toBe(3);
    expect(facts(await next().run(app([look()]), "Go.", { durable }))).toEqual(result);
    expect(server.requests.length - asked).toBe(3);
  });

  test("so is a streamed one, and its events are the SDK's own", async () => {
    const { events, streamed } = await bare();
    const stream = next().stream(app([look()]), "Go.", { durable });
    expect(await eventsOf(stream)).toEqual(events);
    expect(facts(stream)).toEqual(streamed);
    expect(facts(await next().run(app([look()]), "Go.", { durable }))).toEqual(streamed);
    expect(server.requests.length - asked).toBe(3);
  });
});

test("a stream that is cut off has failed as it does for the SDK, and says so again without being asked", async () => {
  setOpenAIAPI("responses");
  cut = true;
  const app = () => new Agent({ name: "Clerk", model: "gpt-test" });
  const bare = await untilItFails(await run(app(), "Go.", { stream: true }));
  const count = server.requests.length;
  expect(await untilItFails(next().stream(app(), "Go.", { durable }))).toEqual(bare);
  expect(await untilItFails(next().stream(app(), "Go.", { durable }))).toMatchObject({
    error: bare.error,
  });
  expect(server.requests.length - count).toBe(1);
  cut = false;
  await next().handle("r").retry();
  const { finalOutput } = await next().run(app(), "Go.", { durable });
  expect(finalOutput).toBe("found 0 things in all");
});

test("calls that the SDK makes again are each on record, and none is made once more", async () => {
  setOpenAIAPI("responses");
  const app = (inside?: () => Promise<void>) =>
    new Agent({
      name: "Clerk",
      model: "gpt-test",
      tools: [look(inside)],
      modelSettings: {
        retry: {
          maxRetries: 3,
          backoff: { initialDelayMs: 1, maxDelayMs: 1, jitter: false },
          policy: ({ normalized: { statusCode = 0 } }) => [429, 500].includes(statusCode),
        },
      },
    });
  failures = 2;
  const { body, reached } = deadly();
  void next()
    .run(app(body), "Go.", { durable })
    .catch(() => {});
  await reached;
  expect(server.requests.length - asked).toBe(3);
  die();
  const { finalOutput, state } = await next().run(app(), "Go.", { durable });
  expect(finalOutput).toBe("found 2 things in all");
  expect(server.requests.length - asked).toBe(5);
  expect(state.usage.requests).toBe(5);
  const models = (await next().handle("r").steps()).filter(({ kind }) => kind === "model");
  expect(models.map(({ status }) => status)).toEqual([
    "failed",
    "failed",
    "finished",
    "finished",
    "finished",
  ]);
});

async function untilItFails(stream: AsyncIterable<unknown>) {
  const events: string[] = [];
  try {
    for await (const event of stream) events.push(plainEvent(event as never));
    return { events, error: "none" };
  } catch (error) {
    return { events, error: (error as Error).message };
  }
}

async function eventsOf(stream: AsyncIterable<unknown> & { readonly completed: Promise<void> }) {
  const events: string[] = [];
  for await (const event of stream) events.push(plainEvent(event as never));
  await stream.completed;
  return events;
}

interface Result {
  readonly finalOutput?: unknown;
  readonly history: unknown;
  readonly lastResponseId: string | undefined;
  readonly rawResponses: readonly { readonly usage: object }[];
  readonly state: { readonly usage: object };
}

function facts({ finalOutput, history, lastResponseId, rawResponses, state }: Result) {
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
  return plain({ finalOutput, history, lastResponseId, rawResponses, usage: state.usage });
}
