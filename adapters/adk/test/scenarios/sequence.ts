import { LlmAgent, SequentialAgent, StreamingMode } from "@google/adk";
import { FakeLlm, instruction } from "./fake-llm.ts";
import { oneToolAgent } from "./one-tool-agent.ts";
import type { Scenario } from "./scenario.ts";

/** Two agents in sequence; the instruction of the second is made from the output of the first. */
export const sequence: Scenario = {
  name: "sequence",
  build: (effect) => {
    const reporter = new LlmAgent({
      name: "reporter",
      instruction: "The first said: {first_out}",
      model: new FakeLlm(effect, "reporter", (request) => `told: ${instruction(request)}`),
      outputKey: "report",
    });
    const app = new SequentialAgent({
      name: "sequence",
      subAgents: [oneToolAgent(effect, "first"), reporter],
    });
    return { app, input: "Go." };
  },
};

export const streamedSequence: Scenario = {
  name: "sequence-streamed",
  build: (effect) => ({
    ...sequence.build(effect),
    options: { runConfig: { streamingMode: StreamingMode.SSE } },
  }),
};
