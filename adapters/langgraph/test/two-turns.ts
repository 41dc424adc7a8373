// An app that talks, and a talk of two turns with it, each a run on one thread.
import { HumanMessage } from "@langchain/core/messages";
import {
  type BaseCheckpointSaver,
  type CompiledStateGraph,
  END,
  type LangGraphRunnableConfig,
  type MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

export type Chat = CompiledStateGraph<
  typeof MessagesAnnotation.State,
  typeof MessagesAnnotation.Update,
  "__start__" | "answer",
  typeof MessagesAnnotation.spec,
  typeof MessagesAnnotation.spec
>;

const quiet: Effect = async () => {};
export function chat(checkpointer?: BaseCheckpointSaver, effect: Effect = quiet): Chat {
  const model = new FakeModel(effect, (messages) => `heard ${messages.length}`);
  return new StateGraph(MessagesAnnotation)
    .addNode("answer", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addEdge(START, "answer")
    .addEdge("answer", END)
    .compile(checkpointer === undefined ? {} : { checkpointer });
}
export const says = (text: string): { readonly messages: HumanMessage[] } => ({
  messages: [new HumanMessage(text)],
});
export const onThread = (thread_id: string): LangGraphRunnableConfig => ({
  configurable: { thread_id },
});

/** @param saver of this process, for the thread that has the name of the run; nothing if it has none */
export function twoTurns(saver: (runId: string) => MemorySaver | undefined): CrashScenario {
  return {
    name: "two turns",
    async run({ runtime, runId, effect }) {
      const app = chat(saver(runId), effect);
      const turn = (text: string, runId: string, thread: string) =>
        runtime.run(app, says(text), { ...onThread(thread), durable: { runId } });
      await turn("one", `${runId} 1`, runId);
      return plain(await turn("two", runId, runId));
    },
  };
}
