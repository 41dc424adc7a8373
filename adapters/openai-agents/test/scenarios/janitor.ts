import { Agent } from "@openai/agents";
import { FakeModel, results } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Notes, Scenario } from "./scenario.ts";

const PLACES = ["attic", "cellar"];

/** Decisions that hold for all later calls: of one tool for them, of another against them. */
export const janitor: Scenario = {
  name: "janitor",
  build: (effect) => {
    const app = new Agent<Notes>({
      name: "Janitor",
      model: new FakeModel(effect, "janitor", (request) => {
        const seen = results(request);
        const q = PLACES[seen.size / 2];
        if (q === undefined) return JSON.stringify([...seen.values()]);
        return ["sweep", "burn"].map((name) => ({ name, args: { q }, id: `${name} ${q}` }));
      }),
      tools: ["sweep", "burn"].map((name) => fakeTool(effect, name, { needsApproval: true })),
    });
    return { app, input: "Clean up.", options: { context: { notes: {} } } };
  },
  answers: [{ "sweep attic": "always approve", "burn attic": "always reject" }],
};
