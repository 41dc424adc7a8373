import { getUserChoiceTool, LlmAgent } from "@google/adk";
import { FakeLlm, responses } from "./fake-llm.ts";
import type { Scenario } from "./scenario.ts";

/** ADK's own tool that asks the user: it returns nothing, and says that the answer needs no summary. */
export const choice: Scenario = {
  name: "choice",
  build: (effect) => {
    const app = new LlmAgent({
      name: "waiter",
      model: new FakeLlm(effect, "waiter", (request) => {
        const [chosen] = responses(request, "get_user_choice");
        return chosen === undefined
          ? [{ name: "get_user_choice", args: { options: ["fish", "kelp"] } }]
          : `served ${JSON.stringify(chosen)}`;
      }),
      tools: [getUserChoiceTool],
    });
    return { app, input: "Serve." };
  },
  answers: [{ call: "get_user_choice", response: { choice: "kelp" } }],
};
