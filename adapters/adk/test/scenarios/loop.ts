import { EXIT_LOOP, LlmAgent, LoopAgent } from "@google/adk";
import { FakeLlm, said } from "./fake-llm.ts";
import type { Scenario } from "./scenario.ts";

/** A writer and a critic in turns, until the critic leaves the loop at the third draft. */
export const loop: Scenario = {
  name: "loop",
  build: (effect) => {
    const drafts = (text: string) => text.match(/\[writer\] said: draft/g)?.length ?? 0;
    const writer = new LlmAgent({
      name: "writer",
      model: new FakeLlm(effect, "writer", () => "draft"),
    });
    const critic = new LlmAgent({
      name: "critic",
      model: new FakeLlm(effect, "critic", (request) =>
        drafts(said(request)) < 3 ? "again" : [{ name: "exit_loop", args: {} }],
      ),
      tools: [EXIT_LOOP],
    });
    const app = new LoopAgent({ name: "loop", maxIterations: 5, subAgents: [writer, critic] });
    return { app, input: "Write." };
  },
};
