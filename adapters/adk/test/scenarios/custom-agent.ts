import { BaseAgent, createEvent, type Event, type InvocationContext, LlmAgent } from "@google/adk";
import { FakeLlm } from "./fake-llm.ts";
import { oneToolAgent } from "./one-tool-agent.ts";
import type { Scenario } from "./scenario.ts";

/** An agent of the user's own class: it asks one agent, and another if the state says so. */
export const customAgent: Scenario = {
  name: "custom-agent",
  build: (effect) => {
    const judge = new LlmAgent({
      name: "judge",
      model: new FakeLlm(effect, "judge", () => "go on"),
      outputKey: "verdict",
    });
    return { app: new Story(judge, oneToolAgent(effect, "writer")), input: "Tell a story." };
  },
};

/** Takes its parts by position and keeps them private, so a clone or a proxy of it would not work. */
class Story extends BaseAgent {
  readonly #judge: BaseAgent;
  readonly #writer: BaseAgent;

  constructor(judge: BaseAgent, writer: BaseAgent) {
    super({ name: "story", subAgents: [judge, writer] });
    this.#judge = judge;
    this.#writer = writer;
  }

  protected override async *runAsyncImpl(
    context: InvocationContext,
  ): AsyncGenerator<Event, void, void> {
    yield* this.#judge.runAsync(context);
    if (context.session.state.verdict === "go on") yield* this.#writer.runAsync(context);
    yield createEvent({
      author: this.name,
      invocationId: context.invocationId,
      content: { role: "model", parts: [{ text: "the end" }] },
    });
  }

  protected override runLiveImpl(): AsyncGenerator<Event, void, void> {
    throw new Error("The story is not told live.");
  }
}
