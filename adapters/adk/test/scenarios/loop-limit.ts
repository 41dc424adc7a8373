import { LlmAgent, LoopAgent } from "@google/adk";
import { FakeLlm, said } from "./fake-llm.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Scenario } from "./scenario.ts";

/** A loop that ends with the last of its rounds, in each of which a tool counts. */
export const loopLimit: Scenario = {
  name: "loop-limit",
  build: (effect) => {
    const rounds = (text: string) => text.match(/round is over/g)?.length ?? 0;
    const looks = (text: string) => text.match(/"did":"did round/g)?.length ?? 0;
    const worker = new LlmAgent({
      name: "worker",
      model: new FakeLlm(effect, "worker", (request) => {
        const heard = JSON.stringify(request.contents);
        return looks(heard) > rounds(said(request))
          ? "round is over"
          : [{ name: "count", args: { q: `did round ${rounds(said(request))}` } }];
      }),
      tools: [fakeTool(effect, "count")],
    });
    const app = new LoopAgent({ name: "loop", maxIterations: 3, subAgents: [worker] });
    return { app, input: "Go round." };
  },
};
