import { Agent, type Model, type ModelRequest, Runner } from "@openai/agents";
import { type Answer, FakeModel, results } from "./fake-model.ts";
import type { Effect, Notes, Scenario } from "./scenario.ts";

/**
 * Models that the runner's provider hands out: by name, and where there is none; that of an agent as a
 * tool, from a provider of its own; and one that calls another.
 */
export const namedModels: Scenario = {
  name: "named-models",
  build: (effect) => {
    const back = new Agent<Notes>({ name: "Back", model: "around" });
    const helper = new Agent<Notes>({ name: "Helper", model: "far" });
    const unnamed = new Agent<Notes>({ name: "Unnamed", handoffs: [back] });
    const app = new Agent<Notes>({
      name: "Front",
      model: "near",
      tools: [
        helper.asTool({
          toolName: "ask",
          toolDescription: "Asks.",
          runConfig: {
            modelProvider: {
              getModel: (name) => new FakeModel(effect, `provided ${name}`, () => "helped"),
            },
          },
        }),
      ],
      handoffs: [unnamed],
    });
    const runner = new Runner({ modelProvider: { getModel: (name) => provided(effect, name) } });
    return { app, runner, input: "Go.", options: { context: { notes: {} } } };
  },
};

function provided(effect: Effect, name: string | undefined): Model {
  switch (name) {
    case "near":
      return new FakeModel(effect, name, (request) =>
        results(request).size === 0
          ? [{ name: "ask", args: { input: "?" }, id: "near_1" }]
          : [{ name: "transfer_to_Unnamed", args: {}, id: "near_2" }],
      );
    case "around":
      return new Around(effect);
    default:
      return new FakeModel(effect, "of no name", () => [
        { name: "transfer_to_Back", args: {}, id: "unnamed_1" },
      ]);
  }
}

/** Has another model answer. */
class Around implements Model {
  readonly #inner: FakeModel;

  constructor(effect: Effect) {
    this.#inner = new FakeModel(effect, "inside", (): Answer => "said inside");
  }

  getResponse(request: ModelRequest) {
    return this.#inner.getResponse(request);
  }

  getStreamedResponse(request: ModelRequest) {
    return this.#inner.getStreamedResponse(request);
  }
}
