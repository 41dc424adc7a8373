/**
 * The agent: LangGraph and nothing else. One node opens a case, in plain code; another one asks the model
 * and does what it says, until it has nothing more to do. LangGraph alone runs all of that node again
 * when it is cut short.
 */
import { type BaseMessage, SystemMessage } from "@langchain/core/messages";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { outside } from "../story/outside.ts";
import { model } from "./model.ts";
import { tools } from "./tools.ts";

const INSTRUCTIONS = `You settle complaints about orders. Look the order up. If it cost less than 100 €,
refund it. Then write to the customer what was done. Call one tool after the other. When all of it is done,
say in one short sentence what you did.`;

type State = typeof MessagesAnnotation.State;

async function open(_: State) {
  await outside("opened a case", undefined);
  return {};
}

async function settle({ messages }: State) {
  const said: BaseMessage[] = [];
  for (;;) {
    const answer = await model.invoke([new SystemMessage(INSTRUCTIONS), ...messages, ...said]);
    said.push(answer);
    if (!answer.tool_calls?.length) return { messages: said };
    for (const call of answer.tool_calls) {
      said.push(await tools.find(({ name }) => name === call.name)!.invoke(call));
    }
  }
}

export const agent = new StateGraph(MessagesAnnotation)
  .addNode("open", open)
  .addNode("settle", settle)
  .addEdge(START, "open")
  .addEdge("open", "settle")
  .addEdge("settle", END)
  .compile();
