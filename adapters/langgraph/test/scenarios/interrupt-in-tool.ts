import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { interrupt, MemorySaver } from "@langchain/langgraph";
import { createAgent } from "langchain";
import { z } from "zod";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { rounds } from "./rounds.ts";
import type { Scenario } from "./scenario.ts";

/** An agent one of whose two parallel tools asks a model, then a person, and only then acts. */
export const interruptInTool: Scenario = {
  name: "interrupt-in-tool",
  build: (effect) => {
    const adviser = new FakeModel(effect, (messages) => `advice on ${messages.at(-1)?.text}`);
    const refund = tool(
      async ({ q }) => {
        const { text } = await adviser.invoke(q);
        const verdict: unknown = interrupt({ question: `Refund ${q}?`, advice: text });
        await effect(`tool: refund ${q} ${verdict}`);
        return `refund of ${q}: ${verdict}`;
      },
      { name: "refund", description: "Refunds.", schema: z.object({ q: z.string() }) },
    );
    const app = createAgent({
      model: new FakeModel(effect, rounds(["orders", "refund"])),
      tools: [fakeTool(effect, "orders"), refund],
      checkpointer: new MemorySaver(),
    });
    return {
      app,
      input: { messages: [new HumanMessage("I want my money back.")] },
      options: { configurable: { thread_id: "refunds" } },
    };
  },
  answers: ["granted"],
  repeated: ['model: human "refund1" (1)'],
};
