import { Agent, handoff } from "@openai/agents";
import { FakeModel, results } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Effect, Notes, Scenario } from "./scenario.ts";

/**
 * Three tools in parallel, one of them an agent with a tool of its own; then a handoff that changes the
 * context, to an agent whose instructions are made from that context.
 */
export const travelDesk: Scenario = {
  name: "travel-desk",
  build: (effect) => {
    const seating = seatingAgent(effect);
    const app = new Agent<Notes>({
      name: "Desk",
      model: new FakeModel(effect, "desk", (request) =>
        results(request).size === 0
          ? [
              { name: "flights", args: { q: "Oslo" }, id: "desk_1" },
              { name: "hotels", args: { q: "Oslo" }, id: "desk_2" },
              { name: "ask_guide", args: { input: "Oslo?" }, id: "desk_3" },
            ]
          : [{ name: "transfer_to_Seating", args: {}, id: "desk_4" }],
      ),
      tools: [
        fakeTool(effect, "flights"),
        fakeTool(effect, "hotels"),
        guideAgent(effect).asTool({ toolName: "ask_guide", toolDescription: "Asks a guide." }),
      ],
      handoffs: [
        handoff(seating, {
          onHandoff: async (run) => {
            await effect("handoff: seating");
            run.context.notes.seat = "12A";
          },
        }),
      ],
    });
    return { app, input: "I want to go to Oslo.", options: { context: { notes: {} } } };
  },
};

export const streamedTravelDesk: Scenario = {
  ...travelDesk,
  name: "travel-desk-streamed",
  streamed: true,
};

function guideAgent(effect: Effect): Agent<Notes> {
  return new Agent<Notes>({
    name: "Guide",
    model: new FakeModel(effect, "guide", (request) =>
      results(request).has("guide_1")
        ? "the guide knows Oslo"
        : [{ name: "sights", args: { q: "Oslo" }, id: "guide_1" }],
    ),
    tools: [fakeTool(effect, "sights")],
  });
}

function seatingAgent(effect: Effect): Agent<Notes> {
  return new Agent<Notes>({
    name: "Seating",
    instructions: ({ context }) => `The seat is ${context.notes.seat}.`,
    model: new FakeModel(effect, "seating", (request) =>
      results(request).has("seating_1")
        ? `All is booked. ${request.systemInstructions}`
        : [{ name: "book", args: { q: `${request.systemInstructions}` }, id: "seating_1" }],
    ),
    tools: [fakeTool(effect, "book")],
  });
}
