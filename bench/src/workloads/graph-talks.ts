/**
 * Apps of LangGraph that talk: a chat on a thread, one run a turn, and an agent at work, all in one run.
 * They return every text once.
 */
import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  type BaseCheckpointSaver,
  END,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { z } from "zod";
import { longMessage, message } from "../random-text.ts";
import { AnsweringModel } from "./answering-model.ts";
import type { Invoke } from "./langgraph-app.ts";

type State = typeof MessagesAnnotation.State;

export interface GraphTalk {
  readonly turns: number;
  readonly invoke: Invoke;
  readonly checkpointer: BaseCheckpointSaver;
}

/** A graph of one node; each turn a message and an answer of 1 KB. */
export async function graphChat({
  turns,
  invoke,
  checkpointer,
}: GraphTalk): Promise<readonly string[]> {
  const said: string[] = [];
  const say = (text: string): string => said[said.push(text) - 1]!;
  const model = new AnsweringModel(() => say(message("assistant", 1000)));
  const app = new StateGraph(MessagesAnnotation)
    .addNode("answer", async ({ messages }: State) => ({
      messages: [await model.invoke(messages)],
    }))
    .addEdge(START, "answer")
    .addEdge("answer", END)
    .compile({ checkpointer });
  for (let turn = 0; turn < turns; turn += 1) {
    const messages = [new HumanMessage(say(message("user", 1000)))];
    await invoke(app, { messages }, onThread("chat"));
  }
  return said;
}

/** One run: each turn a superstep, with a model call on all that was said and a tool call, 1 to 2 KB each. */
export async function graphAgent({
  turns,
  invoke,
  checkpointer,
}: GraphTalk): Promise<readonly string[]> {
  const said: string[] = [];
  let turn = 0;
  const say = (text: string): string => said[said.push(text) - 1]!;
  const model = new AnsweringModel(() => say(longMessage("assistant")));
  const read = tool(() => say(longMessage("tool")), {
    name: "read",
    description: "Reads a file.",
    schema: z.object({ path: z.string() }),
  });
  const act = async ({ messages }: State) => {
    turn += 1;
    const answer = await model.invoke(messages);
    const found: string = await read.invoke({ path: `/src/${turn}` });
    return { messages: [answer, new HumanMessage(found)] };
  };
  const app = new StateGraph(MessagesAnnotation)
    .addNode("act", act)
    .addEdge(START, "act")
    .addConditionalEdges("act", () => (turn < turns ? "act" : END))
    .compile({ checkpointer });
  const messages = [new HumanMessage(say(message("user", 1500)))];
  await invoke(app, { messages }, { ...onThread("agent"), recursionLimit: turns + 2 });
  return said;
}

function onThread(thread_id: string): object {
  return { configurable: { thread_id } };
}
