/**
 * Agents of ADK, over a model that answers at once: what is measured is what is around it. A working
 * agent calls a tool each turn, a chatting one only says something.
 */
import {
  BaseLlm,
  type BaseLlmConnection,
  FunctionTool,
  InMemoryRunner,
  LlmAgent,
  type LlmRequest,
  type LlmResponse,
  LogLevel,
  setLogLevel,
} from "@google/adk";
import type { Runtime } from "@holdfast/core";
import { z } from "zod";
import { type Contender, quantile } from "../measure.ts";
import { message } from "../random-text.ts";
import type { Talk } from "./talk.ts";

setLogLevel(LogLevel.ERROR);

const TEXT_LENGTH = 1600;

/** Has an agent take one turn in a session. */
export type Say = (agent: LlmAgent, text: string, sessionId: string) => Promise<unknown>;

/** With ADK alone; the session lasts for this turn. */
export const bare: Say = async (agent, text, sessionId) => {
  const runner = new InMemoryRunner({ agent, appName: agent.name });
  const session = { userId: "user", sessionId };
  await runner.sessionService.createSession({ appName: agent.name, ...session });
  const newMessage = { role: "user", parts: [{ text }] };
  for await (const _ of runner.runAsync({ ...session, newMessage }));
};

export function durably(runtime: Runtime): Say {
  return (agent, text, sessionId) => runtime.run(agent, text, { sessionId });
}

/** Runs of so many calls of a model, each with one of a tool: what one costs, a share of the run's begin and end included. */
export function workingTurns(name: string, say: Say, turns: number): Contender {
  const agent = workingAgent(turns, (text) => text);
  return {
    name,
    async sample(ms) {
      const durations: number[] = [];
      const began = performance.now();
      for (let now = began; now - began < ms; ) {
        await say(agent, "Work.", crypto.randomUUID());
        const after = performance.now();
        durations.push((after - now) / turns);
        now = after;
      }
      return {
        rate: ((durations.length * turns) / (performance.now() - began)) * 1000,
        p50: quantile(durations, 0.5),
        p99: quantile(durations, 0.99),
      };
    },
  };
}

/** One run, so many calls of the model, each with a text of its own and one call of a tool. */
export async function work(say: Say, turns: number): Promise<Talk> {
  const said: string[] = [];
  const began = performance.now();
  const agent = workingAgent(turns, (text) => said[said.push(text) - 1]!);
  await say(agent, "Work.", "work");
  return { said, turnMs: [(performance.now() - began) / turns] };
}

/** A session of so many turns, a run each. */
export async function chat(say: Say, turns: number): Promise<Talk> {
  const said: string[] = [];
  const turnMs: number[] = [];
  const tell = (text: string): string => said[said.push(text) - 1]!;
  const model = new TalkingLlm(() => [{ text: tell(message("assistant", TEXT_LENGTH)) }]);
  const agent = new LlmAgent({ name: "friend", model });
  for (let turn = 0; turn < turns; turn += 1) {
    const began = performance.now();
    await say(agent, tell(message("user", TEXT_LENGTH)), "chat");
    turnMs.push(performance.now() - began);
  }
  return { said, turnMs };
}

/** @param tell told every text of its model and its tool */
function workingAgent(turns: number, tell: (text: string) => string): LlmAgent {
  const parameters = z.object({ path: z.string() });
  const look = new FunctionTool({
    name: "look",
    description: "Looks into a file.",
    parameters,
    execute: () => ({ found: tell(message("tool", TEXT_LENGTH)) }),
  });
  const model = new TalkingLlm(({ contents }) => {
    const text = { text: tell(message("assistant", TEXT_LENGTH)) };
    const calls = contents.flatMap(({ parts = [] }) => parts.filter((part) => part.functionCall));
    const args = { path: `/src/${calls.length}` };
    return calls.length < turns ? [text, { functionCall: { name: "look", args } }] : [text];
  });
  return new LlmAgent({ name: "worker", model, tools: [look] });
}

type Parts = NonNullable<NonNullable<LlmResponse["content"]>["parts"]>;

class TalkingLlm extends BaseLlm {
  readonly #answer: (request: LlmRequest) => Parts;

  constructor(answer: (request: LlmRequest) => Parts) {
    super({ model: "talking" });
    this.#answer = answer;
  }

  override async *generateContentAsync(request: LlmRequest): AsyncGenerator<LlmResponse, void> {
    yield { content: { role: "model", parts: this.#answer(request) } };
  }

  override connect(): Promise<BaseLlmConnection> {
    return Promise.reject(new Error("Nothing is said live here."));
  }
}
