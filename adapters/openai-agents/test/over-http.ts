// A clerk that asks OpenAI's server over HTTP, on either API, and is refused twice before it is answered.
import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel } from "@openai/agents";
import OpenAI from "openai";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import type { openAIServer } from "../../../conformance/src/http/index.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import type { Effect, Notes } from "./scenarios/scenario.ts";

type AnswerOf = NonNullable<NonNullable<Parameters<typeof openAIServer>[0]>["answer"]>;

/** Refuses if the model says so; else it calls the tool once. */
export const answerOf: AnswerOf = ({ model, messages }) => {
  const status = Number(/^refuses (\d+)$/.exec(model)?.[1] ?? 0);
  if (status > 0) return { error: "not now", status };
  const results = messages.filter(({ role }) => role === "tool").length;
  if (results === 0) return { calls: [{ name: "look", args: { q: "here" } }] };
  return { text: `found ${results} things in all` };
};

const MODELS: Readonly<
  Record<Way["api"], typeof OpenAIResponsesModel | typeof OpenAIChatCompletionsModel>
> = {
  responses: OpenAIResponsesModel,
  "chat completions": OpenAIChatCompletionsModel,
};

interface Way {
  readonly api: "responses" | "chat completions";
  readonly isStreamed: boolean;
  /** Who asks again. */
  readonly again: "the SDK" | "its client";
}

/** Each API in each form, and in each form who asks again. */
export const WAYS: readonly Way[] = [
  { api: "responses", isStreamed: false, again: "the SDK" },
  { api: "responses", isStreamed: true, again: "its client" },
  { api: "chat completions", isStreamed: false, again: "its client" },
  { api: "chat completions", isStreamed: true, again: "the SDK" },
];

export function overHttp(way: Way, url: string): CrashScenario {
  const { api, isStreamed, again } = way;
  return {
    name: `${api}, ${isStreamed ? "streamed" : "whole"}, asked again by ${again}`,
    async run({ runtime, runId, effect, happened }) {
      const app = clerk(way, { url, effect, happened });
      const options = { context: { notes: {} }, durable: { runId } };
      if (!isStreamed) return facts(await runtime.run(app, "Go.", options));
      const stream = runtime.stream(app, "Go.", options);
      await stream.completed;
      return facts(stream);
    },
  };
}

interface Place {
  /** Of the server. */
  readonly url: string;
  readonly effect: Effect;
  readonly happened: (name: string) => boolean;
}

/** What it asks for is an effect when it is answered: with each refusal until it has heard of that. */
export function clerk({ api, again }: Way, { url, effect, happened }: Place): Agent<Notes> {
  const client = new OpenAI({
    apiKey: "none",
    baseURL: url,
    maxRetries: again === "its client" ? 2 : 0,
    async fetch(address, init) {
      const asked = JSON.parse(String(init?.body)) as Asked;
      const asks = (status: number) => `model: asked ${lengthOf(asked)}, answered ${status}`;
      const refusal =
        lengthOf(asked) > 1 ? undefined : [429, 500].find((status) => !happened(asks(status)));
      const model = refusal === undefined ? asked.model : `refuses ${refusal}`;
      const response = await fetch(address, { ...init, body: JSON.stringify({ ...asked, model }) });
      await effect(asks(response.status));
      return response;
    },
  });
  const retry = {
    maxRetries: 3,
    backoff: { initialDelayMs: 1, maxDelayMs: 1, jitter: false },
    policy: ({ normalized: { statusCode = 0 } }: Failure) => [429, 500].includes(statusCode),
  };
  return new Agent<Notes>({
    name: "Clerk",
    model: new MODELS[api](client as never, "gpt-test"),
    modelSettings: again === "the SDK" ? { retry } : {},
    tools: [fakeTool(effect, "look")],
  });
}

interface Asked {
  readonly model: string;
  readonly input?: readonly unknown[];
  readonly messages?: readonly unknown[];
}

function lengthOf({ input, messages = input }: Asked): number {
  return messages!.length;
}

interface Failure {
  readonly normalized: { readonly statusCode?: number };
}

interface Result {
  readonly finalOutput?: unknown;
  readonly history: readonly unknown[];
  readonly lastResponseId: string | undefined;
  readonly rawResponses: readonly { readonly usage: { readonly totalTokens: number } }[];
}

/** All but how often it was refused: a process that was did not always live to write it down. */
export function facts({ finalOutput, history, lastResponseId, rawResponses }: Result): unknown {
  const usage = rawResponses.map(({ usage: { totalTokens } }) => totalTokens);
  return JSON.parse(JSON.stringify({ finalOutput, history, lastResponseId, usage }));
}
