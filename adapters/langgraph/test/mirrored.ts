// An app with a PostgresSaver of its own: what runs keep is in it as well.
import { HumanMessage } from "@langchain/core/messages";
import {
  type CompiledStateGraph,
  END,
  interrupt,
  type LangGraphRunnableConfig,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import type { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

type Chat = CompiledStateGraph<
  typeof MessagesAnnotation.State,
  typeof MessagesAnnotation.Update,
  "__start__" | "inner" | "answer",
  typeof MessagesAnnotation.spec,
  typeof MessagesAnnotation.spec
>;

const quiet: Effect = async () => {};
export const says = (text: string): { readonly messages: HumanMessage[] } => ({
  messages: [new HumanMessage(text)],
});
export const onThread = (thread_id: string): LangGraphRunnableConfig => ({
  configurable: { thread_id },
});

/** Answers, after a graph in it has looked something up; asks when it is told to. */
export function chatOn(saver: PostgresSaver, effect: Effect = quiet): Chat {
  const model = new FakeModel(effect, (messages) => `heard ${messages.length}`);
  const search = fakeTool(effect, "search");
  const inner = new StateGraph(MessagesAnnotation)
    .addNode("look", async ({ messages }) => says(await search.invoke({ q: `${messages.length}` })))
    .addNode("ask", async ({ messages }) => {
      return messages.at(-2)?.text === "ask me"
        ? says(`told ${interrupt({ question: "What?" })}`)
        : {};
    })
    .addEdge(START, "look")
    .addEdge("look", "ask")
    .addEdge("ask", END)
    .compile();
  return new StateGraph(MessagesAnnotation)
    .addNode("inner", inner)
    .addNode("answer", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addEdge(START, "inner")
    .addEdge("inner", "answer")
    .addEdge("answer", END)
    .compile({ checkpointer: saver });
}

/** Returns what comes of it, and what a saver has then. Its question is to be answered with "this". */
export function mirrored(saver: () => PostgresSaver): CrashScenario {
  return {
    name: "mirrored",
    async run({ runtime, runId, effect }) {
      const app = chatOn(saver(), effect);
      const durable = { runId, until: "end" } as const;
      const output = await runtime.run(app, says("ask me"), { ...onThread(runId), durable });
      return [plain(output), await statesIn(saver(), runId)];
    },
    answer: (_wait, { handle }) => handle.respond(undefined, "this"),
  };
}

/** Of a thread, the oldest first, as LangGraph alone tells them, without what is drawn at random. */
export async function statesIn(saver: PostgresSaver, thread: string): Promise<unknown> {
  const app = chatOn(saver);
  const states: unknown[] = [];
  for await (const { values, next, metadata, tasks } of app.getStateHistory(onThread(thread))) {
    const { source, step } = metadata ?? {};
    const told = tasks.map(({ name, result, interrupts }) => {
      return { name, result, asked: interrupts.map(({ value }) => value as unknown) };
    });
    states.unshift(plain({ values, next, source, step, tasks: told }));
  }
  return states;
}
