// A conversation in ADK's own form: each turn is taken by a process of its own, and an answer is a message.
import {
  getPendingUserInputRequests,
  type LlmAgent,
  type ParallelAgent,
  type SequentialAgent,
  type Workflow,
} from "@google/adk";
import { type InputOf, type OutputOf, Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { onTestFinished } from "vitest";
import "../src/index.ts";
import type { Effect } from "./scenarios/scenario.ts";

const SESSION = { userId: "ann", sessionId: "s" };

type App = LlmAgent | ParallelAgent | SequentialAgent | Workflow;

interface Said extends OutputOf<LlmAgent> {
  readonly asked: ReturnType<typeof getPendingUserInputRequests>;
}

interface Conversation {
  /** What has happened, in all turns. */
  readonly effects: readonly string[];
  /** Of one more process. */
  runtime(): Runtime;
  say(input: InputOf<LlmAgent>, durable?: object): Promise<Said>;
}

/** The app is made anew for each turn. */
export function turnByTurn(build: (effect: Effect) => App): Conversation {
  const database = memoryDatabase();
  const effects: string[] = [];
  const start = () => {
    const runtime = new Runtime({ store: openMemoryStore(database) });
    onTestFinished(() => runtime.close());
    return runtime;
  };
  return {
    effects,
    runtime: start,
    async say(input, durable = {}) {
      const app = build(async (name) => void effects.push(name)) as LlmAgent;
      const { events, ...rest } = await start().run(app, input, { ...SESSION, durable });
      return { ...rest, events, asked: getPendingUserInputRequests([...events]) };
    },
  };
}

export function answer(
  name: string,
  id: string | undefined,
  response: Record<string, unknown>,
): InputOf<LlmAgent> {
  return { parts: [{ functionResponse: { id: id ?? "", name, response } }] };
}
