import { createRequire } from "node:module";
import type { BaseLlmConnection, LlmRequest, LlmResponse } from "@google/adk";
import { responses } from "./fake-llm.ts";
import type { Effect, Scenario } from "./scenario.ts";

const adk = createRequire(import.meta.url)("@google/adk") as typeof import("@google/adk");
adk.setLogLevel(adk.LogLevel.ERROR);

/** An app whose agents, models and tools are all of the CommonJS copy of ADK. */
export const commonjs: Scenario = {
  name: "commonjs",
  build: (effect) => {
    const agent = (name: string) => {
      const look = new adk.FunctionTool({
        name: "look",
        description: "Looks.",
        async execute(_, context) {
          await effect(`tool: look of ${name}`);
          context?.state.set(name, "has looked");
          return { saw: "sea" };
        },
      });
      return new adk.LlmAgent({ name, model: new Model(effect, name), tools: [look] });
    };
    const subAgents = [agent("first"), agent("second")];
    return { app: new adk.SequentialAgent({ name: "watchers", subAgents }), input: "Look." };
  },
};

/** Has its agent look once, and then says that it has. */
class Model extends adk.BaseLlm {
  readonly #effect: Effect;

  constructor(effect: Effect, name: string) {
    super({ model: name });
    this.#effect = effect;
  }

  override async *generateContentAsync(request: LlmRequest): AsyncGenerator<LlmResponse, void> {
    await this.#effect(`model: ${this.model} (${request.contents.length})`);
    const parts =
      responses(request, "look").length === 0
        ? [{ functionCall: { name: "look", args: {} } }]
        : [{ text: `${this.model} has looked` }];
    yield { content: { role: "model", parts } };
  }

  override connect(): Promise<BaseLlmConnection> {
    return Promise.reject(new Error("The model has no live connection."));
  }
}
