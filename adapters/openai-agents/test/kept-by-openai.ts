// A clerk whose conversations OpenAI keeps, and what the server says to it.
import { Agent, OpenAIResponsesModel, run, tool } from "@openai/agents";
import OpenAI from "openai";
import { z } from "zod";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import type { openAIServer } from "../../../conformance/src/http/index.ts";
import { answer } from "./crash-scenario.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** What the clerk says at last if everything was said to it once. */
export const HEARD = "heard user, assistant, user, tool, tool";

type AnswerOf = NonNullable<NonNullable<Parameters<typeof openAIServer>[0]>["answer"]>;

export const answerOf: AnswerOf = ({ messages }) => {
  const isNew = messages.at(-1)!.role === "user";
  const results = messages.filter(({ role }) => role === "tool").length;
  return messages[0]!.content === "Hello." && isNew && messages.length === 1
    ? { text: "Hello to you." }
    : results < 2
      ? { calls: [{ name: "look", args: { q: `${results}` } }] }
      : { text: `heard ${messages.map(({ role }) => role).join(", ")}` };
};

interface Place {
  /** Of the server. */
  readonly url: string;
  readonly effect: Effect;
  readonly needsApproval?: boolean;
  /** How the server is asked. */
  readonly ask?: typeof fetch;
}

export function clerkOf({ url, effect, needsApproval = false, ask = fetch }: Place): Agent {
  const client = new OpenAI({ apiKey: "none", baseURL: url, maxRetries: 0, fetch: ask });
  const look = tool({
    name: "look",
    description: "Looks up.",
    parameters: z.object({ q: z.string() }),
    needsApproval,
    async execute({ q }) {
      await effect(`tool: look ${q}`);
      return `saw ${q}`;
    },
  });
  const model = new OpenAIResponsesModel(client as never, "gpt-test");
  return new Agent({ name: "Clerk", model, tools: [look] });
}

/** The response that a run goes on from. */
export async function hello(url: string): Promise<string> {
  return (await run(clerkOf({ url, effect: async () => {} }), "Hello.")).lastResponseId!;
}

interface Previous {
  readonly url: string;
  readonly previousResponseId: string;
  readonly isStreamed: boolean;
}

/** Goes on from a response, each call of its tool approved by people. */
export function previousResponse({ url, previousResponseId, isStreamed }: Previous): CrashScenario {
  return {
    name: `previous response${isStreamed ? ", streamed" : ""}`,
    async run({ runtime, runId, effect }) {
      const options = { previousResponseId, durable: { runId, until: "end" as const } };
      const app = clerkOf({ url, effect, needsApproval: true });
      if (!isStreamed) return (await runtime.run(app, "Go.", options)).finalOutput;
      const stream = runtime.stream(app, "Go.", options);
      await stream.completed;
      return stream.finalOutput;
    },
    answer,
  };
}
