import { LlmAgent, RoutedAgent, RoutedLlm, SequentialAgent } from "@google/adk";
import { FakeLlm } from "./fake-llm.ts";
import { oneToolAgent } from "./one-tool-agent.ts";
import type { Scenario } from "./scenario.ts";

/** A model that fails at once, and another that is asked instead. */
export const routedLlm: Scenario = {
  name: "routed-llm",
  build: (effect) => {
    const fails = new FakeLlm(effect, "fails", () => {
      throw new Error("Too busy.");
    });
    const model = new RoutedLlm({
      models: { fails, well: new FakeLlm(effect, "well", () => "is well") },
      router: (_models, _request, failed) => (failed === undefined ? "fails" : "well"),
    });
    const says = (name: string) =>
      new LlmAgent({ name, model: new FakeLlm(effect, name, () => `${name} is done`) });
    const subAgents = [says("first"), new LlmAgent({ name: "routed", model }), says("third")];
    return { app: new SequentialAgent({ name: "all", subAgents }), input: "Go." };
  },
};

/** Which of two agents goes on, the state says, which a tool has set. */
export const routedAgent: Scenario = {
  name: "routed-agent",
  build: (effect) => {
    const routed = new RoutedAgent({
      name: "routed",
      agents: { one: oneToolAgent(effect, "one"), two: oneToolAgent(effect, "two") },
      router: (_agents, { session }) =>
        session.state["first_tool first"] === "done" ? "two" : "one",
    });
    const subAgents = [oneToolAgent(effect, "first"), routed];
    return { app: new SequentialAgent({ name: "all", subAgents }), input: "Go." };
  },
};
