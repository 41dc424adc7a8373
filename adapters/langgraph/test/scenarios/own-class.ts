import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { fakeTool } from "./fake-tool.ts";
import type { Scenario } from "./scenario.ts";

class Money {
  readonly amount: number;
  readonly currency = "EUR";
  constructor(amount: number) {
    this.amount = amount;
  }
}

const State = Annotation.Root({ price: Annotation<Money>, seen: Annotation<string> });

/** A state with a value of a class of the user's own, of which the nodes that come later see the fields. */
export const ownClass: Scenario = {
  name: "own-class",
  isLossy: true,
  build: (effect) => {
    const look = fakeTool(effect, "look");
    const ask = async () => {
      const found = await look.invoke({ q: "price" });
      return { price: new Money(found.length) };
    };
    const see = async ({ price }: typeof State.State) => ({
      seen: await look.invoke({ q: `${price.amount} ${price.currency}` }),
    });
    const app = new StateGraph(State)
      .addNode("ask", ask)
      .addNode("see", see)
      .addEdge(START, "ask")
      .addEdge("ask", "see")
      .addEdge("see", END)
      .compile();
    return { app, input: {} };
  },
};
