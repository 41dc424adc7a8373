import { LlmAgent } from "@google/adk";
import { FakeLlm, responses } from "./fake-llm.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Scenario } from "./scenario.ts";

/** A coordinator hands over to a worker, which calls two tools in parallel and then one after them. */
export const transferTree: Scenario = {
  name: "transfer-tree",
  build: (effect) => {
    const worker = new LlmAgent({
      name: "worker",
      description: "Does the work.",
      model: new FakeLlm(effect, "worker", (request) => {
        if (responses(request, "count").length > 0) return "all is done";
        if (responses(request, "search").length > 0) return [{ name: "count", args: { q: "all" } }];
        return ["amber", "birch"].map((q) => ({ name: "search", args: { q } }));
      }),
      tools: [fakeTool(effect, "search"), fakeTool(effect, "count")],
      outputKey: "worker_out",
    });
    const app = new LlmAgent({
      name: "coordinator",
      model: new FakeLlm(effect, "coordinator", () => [
        { name: "transfer_to_agent", args: { agentName: "worker" } },
      ]),
      subAgents: [worker],
    });
    return { app, input: "Do the work." };
  },
};
