import { LlmAgent, LongRunningFunctionTool } from "@google/adk";
import { z } from "zod";
import { FakeLlm, responses } from "./fake-llm.ts";
import type { Scenario } from "./scenario.ts";

/** A long-running tool that has no result yet: a person gives it later. */
export const longRunning: Scenario = {
  name: "long-running",
  build: (effect) => {
    const ask = new LongRunningFunctionTool({
      name: "ask_human",
      description: "Asks a person.",
      parameters: z.object({ question: z.string() }),
      execute: async ({ question }) => {
        await effect(`tool: ask_human ${question}`);
      },
    });
    const app = new LlmAgent({
      name: "asker",
      model: new FakeLlm(effect, "asker", (request) => {
        const [answer] = responses(request, "ask_human");
        return answer === undefined
          ? [{ name: "ask_human", args: { question: "Which?" } }]
          : `heard ${JSON.stringify(answer)}`;
      }),
      tools: [ask],
    });
    return { app, input: "Ask." };
  },
  answers: [{ call: "ask_human", response: { answer: 42 } }],
};
