import { LlmAgent, SequentialAgent } from "@google/adk";
import { FakeLlm } from "./fake-llm.ts";
import { oneToolAgent } from "./one-tool-agent.ts";
import type { Effect, Reply, Scenario } from "./scenario.ts";

const REQUEST = "adk_request_confirmation";
const yes: Reply = { call: REQUEST, response: { confirmed: true } };
const no: Reply = { call: REQUEST, response: { confirmed: false } };

const payment = (effect: Effect) => ({
  app: oneToolAgent(effect, "pay", { requireConfirmation: true }),
  input: "Pay.",
});

/** A tool that a person confirms before it runs. */
export const confirmed: Scenario = { name: "confirmed", build: payment, answers: [yes] };

/** The same, but the person says no. */
export const refused: Scenario = { name: "refused", build: payment, answers: [no] };

/** The second of three agents in sequence waits for a person. */
export const confirmedInSequence: Scenario = {
  name: "confirmed-in-sequence",
  build: (effect) => {
    const says = (name: string) =>
      new LlmAgent({ name, model: new FakeLlm(effect, name, () => `${name} is done`) });
    const pay = oneToolAgent(effect, "pay", { requireConfirmation: true });
    const app = new SequentialAgent({
      name: "sequence",
      subAgents: [says("first"), pay, says("third")],
    });
    return { app, input: "Pay." };
  },
  answers: [yes],
  unlikeBare:
    "ADK does not stop there: the third agent runs at once, and the answer runs all three again.",
};
