import { Agent, handoff, type RunContext } from "@openai/agents";
import { removeAllTools } from "@openai/agents-core/extensions";
import { z } from "zod";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Notes, Scenario } from "./scenario.ts";

/** Two agents that hand off to each other: with an input and a filter there, and back again. */
export const frontDesk: Scenario = {
  name: "front-desk",
  build: (effect) => {
    const front: Agent<Notes> = new Agent<Notes>({
      name: "Front",
      instructions: ({ context }) => `Noted: ${Object.keys(context.notes).join(", ")}.`,
      model: new FakeModel(
        effect,
        ({ systemInstructions }) => `front, ${systemInstructions}`,
        ({ systemInstructions = "" }) =>
          systemInstructions.includes("refund paid")
            ? `Sent. ${systemInstructions}`
            : [{ name: "to_billing", args: { reason: "refund" }, id: "front_1" }],
      ),
    });
    const billing = new Agent<Notes>({
      name: "Billing",
      model: new FakeModel(effect, "billing", ({ input }) =>
        JSON.stringify(input).includes("refund did paid")
          ? [{ name: "transfer_to_Front", args: {}, id: "billing_2" }]
          : [{ name: "refund", args: { q: "paid" }, id: "billing_1" }],
      ),
      tools: [fakeTool(effect, "refund")],
      handoffs: [front],
    });
    front.handoffs = [
      handoff(billing, {
        toolNameOverride: "to_billing",
        inputType: z.object({ reason: z.string() }),
        inputFilter: removeAllTools,
        onHandoff: async ({ context }: RunContext<Notes>, input) => {
          await effect(`handoff: ${input?.reason}`);
          context.notes.reason = input?.reason ?? "";
        },
      }),
    ];
    return { app: front, input: "I want my money.", options: { context: { notes: {} } } };
  },
};
