// A conversation: an agent that says how much it was told before, and counts in the state.
import { LlmAgent } from "@google/adk";
import { FakeLlm, responses, said } from "./scenarios/fake-llm.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** Answers with everything that was said to it; asked to look, it looks first. */
export function chatAgent(effect: Effect): LlmAgent {
  return new LlmAgent({
    name: "chat",
    model: new FakeLlm(effect, "chat", (request) => {
      const lines = said(request).split("\n");
      const last = request.contents.at(-1)?.parts?.[0];
      if (last?.text?.startsWith("look")) return [{ name: "look", args: { q: last.text } }];
      return `${lines.filter((line) => line !== "").length} said, ${responses(request, "look").length} seen`;
    }),
    tools: [fakeTool(effect, "look")],
    beforeAgentCallback: ({ state }) => {
      const turns = state.get<number>("turns") ?? 0;
      state.set("turns", turns + 1);
      state.set("user:turns", turns + 1);
      state.set("app:turns", turns + 1);
      state.set("temp:turns", turns + 1);
      return undefined;
    },
  });
}
