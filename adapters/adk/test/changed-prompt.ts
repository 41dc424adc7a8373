// An agent whose instruction is another one in every process.
import { LlmAgent } from "@google/adk";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import { oneTurn } from "./one-turn.ts";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";

/** That it was changed is told of, and what was answered before stands. */
export const changedPrompt: Scenario = {
  name: "changed-prompt",
  unwanted: ["reordered", "diverged", "escaped", "lossy"],
  run: (process) =>
    oneTurn("changed-prompt", (effect) => {
      return new LlmAgent({
        name: "talker",
        instruction: `You are asked by process ${process.nth}.`,
        model: new FakeLlm(effect, "talker", (request) =>
          responses(request, "look").length === 0
            ? [{ name: "look", args: { q: "sea" } }]
            : "has looked",
        ),
        tools: [fakeTool(effect, "look")],
      });
    }).run(process),
};
