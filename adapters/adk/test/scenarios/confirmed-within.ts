import { FunctionTool, LlmAgent } from "@google/adk";
import { z } from "zod";
import { FakeLlm, responses } from "./fake-llm.ts";
import type { Scenario } from "./scenario.ts";

const parameters = z.object({ amount: z.number() });

/** A tool that asks from within how much it may pay, and is told less than it asked for. */
export const confirmedWithin: Scenario = {
  name: "confirmed-within",
  build: (effect) => {
    const pay = new FunctionTool({
      name: "pay",
      description: "Pays as much as is allowed.",
      parameters,
      async execute({ amount }, context) {
        const { toolConfirmation } = context!;
        await effect(toolConfirmation === undefined ? "tool: asks" : "tool: pays");
        if (toolConfirmation !== undefined) return toolConfirmation.payload;
        context!.requestConfirmation({ hint: "How much?", payload: { allowed: amount } });
        return { error: "pending" };
      },
    });
    const app = new LlmAgent({
      name: "payer",
      model: new FakeLlm(effect, "payer", (request) => {
        const [paid] = responses(request, "pay");
        return paid === undefined
          ? [{ name: "pay", args: { amount: 10 } }]
          : `paid ${JSON.stringify(paid)}`;
      }),
      tools: [pay],
    });
    return { app, input: "Pay." };
  },
  answers: [
    { call: "adk_request_confirmation", response: { confirmed: true, payload: { allowed: 3 } } },
  ],
  unlikeBare:
    "ADK refuses the answer: no event of it says that the tool had asked, and the tool says so only when it runs.",
};
