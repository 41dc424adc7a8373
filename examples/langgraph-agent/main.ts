/** A LangGraph agent, killed in the middle of a node. `npm start` tells it. */
import "@holdfast/langgraph";
import type { BaseMessage } from "@langchain/core/messages";
import { tell } from "../story/tell.ts";
import { modelName } from "./model.ts";

console.log("⚓ Holdfast   a LangGraph agent refunds an order. In the middle of a node, kill -9.");
console.log(`             Its model is ${modelName}.\n`);
await tell<{ readonly messages: readonly BaseMessage[] }>({
  worker: new URL("worker.ts", import.meta.url),
  app: "refund",
  input: {
    messages: [{ role: "user", content: "Order A-1042 never arrived. I want my money back." }],
  },
  killedIn: "write_to_customer",
  inWords: ({ messages }) => messages.at(-1)!.text,
});
console.log(
  "LangGraph alone, with a checkpointer, would have run the node again from its beginning.",
);
