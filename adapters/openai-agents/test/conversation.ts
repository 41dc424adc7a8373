// A run in a conversation that OpenAI keeps. What the model was told there stays told, so its policy is
// `once`; in doubt, people look in the conversation whether the model has answered.
import { setTimeout as sleep } from "node:timers/promises";
import type { Wait } from "@holdfast/core/store";
import type { Scenario as CrashScenario, People } from "../../../conformance/src/crash/index.ts";
import { clerkOf } from "./kept-by-openai.ts";
import type { Effect } from "./scenarios/scenario.ts";

interface Item {
  readonly id?: string;
  readonly type?: string;
  readonly call_id?: string;
}

interface Conversing {
  /** Of the server. */
  readonly url: string;
  readonly isStreamed: boolean;
  /** What the server keeps: for people. */
  readonly kept: (conversationId: string) => readonly Item[];
}

export function conversation({ url, isStreamed, kept }: Conversing): CrashScenario {
  return {
    name: `conversation${isStreamed ? ", streamed" : ""}`,
    async run({ runtime, runId, effect }) {
      const policies = { models: { OpenAIResponsesModel: { inDoubt: "once" as const } } };
      const options = { conversationId: nameOf(runId), durable: { runId, policies } };
      const app = clerkOf({ url, effect, ask: reporting(effect) });
      if (!isStreamed) return (await runtime.run(app, "Go.", options)).finalOutput;
      const stream = runtime.stream(app, "Go.", options);
      await stream.completed;
      return stream.finalOutput;
    },
    async answer(wait, people) {
      // Also what a process asked that is dead by now.
      await Promise.allSettled(underWay);
      await settle(wait, people, kept(nameOf(people.handle.id)).filter(isOutput));
    },
  };
}

const underWay = new Set<Promise<unknown>>();

/** What is asked is an effect; that it was answered nobody has written down for a moment. */
function reporting(effect: Effect): typeof fetch {
  return async (address, init) => {
    const { input } = JSON.parse(String(init?.body)) as { readonly input: readonly Item[] };
    await effect(`model: asked ${input.at(-1)?.call_id ?? "first"}`);
    const answer = fetch(address, init);
    const done = () => void underWay.delete(answer);
    underWay.add(answer);
    answer.then(done, done);
    await answer;
    await sleep(5);
    return answer;
  };
}

export const nameOf = (runId: string): string => `conversation of ${runId}`;

/** The answer that nobody wrote down is given to the run; if there is none, the model is asked again. */
async function settle({ body }: Wait, { handle }: People, outputs: readonly Item[]): Promise<void> {
  const { step } = JSON.parse(body!) as { readonly step: number };
  const steps = await handle.steps();
  const doubtful = steps.find(({ id }) => id === step)!;
  const known = steps.filter(({ kind, status }) => kind === "model" && status === "finished");
  const answer = doubtful.kind === "model" ? outputs[known.length] : undefined;
  if (answer === undefined) return handle.settle(step, "retry");
  const { call_id: callId, ...item } = answer;
  const usage = { requests: 1, inputTokens: 11, outputTokens: 5, totalTokens: 16 };
  const output = [callId === undefined ? item : { ...item, callId }];
  await handle.settle(step, { result: { usage, output, responseId: "as kept" } });
}

/** Said by the model, one thing in each answer. */
function isOutput({ id, type }: Item): boolean {
  return id !== undefined && (type === "function_call" || type === "message");
}
