import { setTimeout as sleep } from "node:timers/promises";
import { LlmAgent, LlmSummarizer, TokenBasedContextCompactor } from "@google/adk";
import { FakeLlm, said } from "./fake-llm.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Scenario } from "./scenario.ts";

/** The beginning of the conversation is summarised, by a model of its own, while the agent is at work. */
export const compaction: Scenario = {
  name: "compaction",
  build: (effect) => {
    const llm = new FakeLlm(effect, "summary", () => "It was asked for something.");
    const app = new LlmAgent({
      name: "talker",
      // ADK summarises by time: what is said in the same millisecond it takes for summarised, too.
      beforeAgentCallback: () => sleep(2).then(() => undefined),
      model: new FakeLlm(effect, "talker", (request) =>
        said(request).includes("It was asked for something.")
          ? `knows: ${said(request)}`
          : [{ name: "look", args: { q: "around" } }],
      ),
      tools: [fakeTool(effect, "look")],
      contextCompactors: [
        new TokenBasedContextCompactor({
          tokenThreshold: 5,
          eventRetentionSize: 2,
          summarizer: new LlmSummarizer({ llm }),
        }),
      ],
    });
    return { app, input: "Tell me." };
  },
};
