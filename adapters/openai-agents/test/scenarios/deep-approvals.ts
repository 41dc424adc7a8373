import { Agent } from "@openai/agents";
import { FakeModel, results } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Effect, Notes, Scenario } from "./scenario.ts";

/**
 * Approvals two agents deep, below two agents of one name that are called side by side; one is rejected
 * with a word for the model, by whoever decides.
 */
export const deepApprovals: Scenario = {
  name: "deep-approvals",
  build: (effect) => {
    const app = new Agent<Notes>({
      name: "Chief",
      model: new FakeModel(effect, "chief", (request) =>
        results(request).size > 0
          ? [...results(request).values()].map((output) => JSON.stringify(output)).join(" / ")
          : [
              { name: "ask_north", args: { input: "north" }, id: "chief_1" },
              { name: "ask_south", args: { input: "south" }, id: "chief_2" },
            ],
      ),
      tools: [office(effect, "north"), office(effect, "south")],
    });
    return { app, input: "Clean up.", options: { context: { notes: {} } } };
  },
  answers: [{ north_hand: "approve", south_hand: "reject" }],
};

/** An office asks its hand, who asks before it removes anything. */
function office(effect: Effect, name: string) {
  const hand = new Agent<Notes>({
    name: "Hand",
    model: new FakeModel(effect, `hand of ${name}`, (request) =>
      results(request).size > 0
        ? `${name} is ${[...results(request).values()].map((output) => JSON.stringify(output))}`
        : [
            {
              name: "remove",
              args: { q: name === "south" ? "home" : name },
              id: `${name}_hand`,
            },
          ],
    ),
    tools: [fakeTool(effect, "remove", { needsApproval: true })],
  });
  const head = new Agent<Notes>({
    name: "Office",
    model: new FakeModel(effect, `office of ${name}`, (request) =>
      results(request).size > 0
        ? `${name} has heard`
        : [{ name: "ask_hand", args: { input: name }, id: `${name}_office` }],
    ),
    tools: [hand.asTool({ toolName: "ask_hand", toolDescription: "Asks the hand." })],
  });
  return head.asTool({ toolName: `ask_${name}`, toolDescription: "Asks the office." });
}
