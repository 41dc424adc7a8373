import { AgentTool, LlmAgent, ParallelAgent, SequentialAgent } from "@google/adk";
import { FakeLlm, responses } from "./fake-llm.ts";
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

/** One of two branches waits for a person; the other one does not, nor what comes after both start. */
export const confirmedInParallel: Scenario = {
  name: "confirmed-in-parallel",
  build: (effect) => {
    const pay = oneToolAgent(effect, "pay", { requireConfirmation: true });
    const both = new ParallelAgent({
      name: "both",
      subAgents: [pay, oneToolAgent(effect, "look")],
    });
    const last = new LlmAgent({ name: "last", model: new FakeLlm(effect, "last", () => "done") });
    return { app: new SequentialAgent({ name: "root", subAgents: [both, last] }), input: "Pay." };
  },
  answers: [yes],
  racing: true,
  unlikeBare: "ADK does not stop there.",
};

/** Two branches wait for a person each, at the same time. */
export const confirmedInBoth: Scenario = {
  name: "confirmed-in-both",
  build: (effect) => {
    const subAgents = ["pay", "buy"].map((name) =>
      oneToolAgent(effect, name, { requireConfirmation: true }),
    );
    return { app: new ParallelAgent({ name: "both", subAgents }), input: "Pay and buy." };
  },
  answers: [yes],
  racing: true,
  unlikeBare: "ADK does not stop there.",
};

/** An agent that is used as a tool waits for a person: with ADK alone that is lost. */
export const confirmedInAgentTool: Scenario = {
  name: "confirmed-in-agent-tool",
  build: (effect) => {
    const agent = oneToolAgent(effect, "pay", { requireConfirmation: true });
    const app = new LlmAgent({
      name: "boss",
      model: new FakeLlm(effect, "boss", (request) => {
        const [told] = responses(request, "pay");
        return told === undefined
          ? [{ name: "pay", args: { request: "Pay." } }]
          : `was told ${JSON.stringify(told)}`;
      }),
      tools: [new AgentTool({ agent })],
    });
    return { app, input: "Have it paid." };
  },
  answers: [yes],
  unlikeBare: "ADK asks nobody: the agent's tool is told that nobody has confirmed.",
};
