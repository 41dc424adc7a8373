import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  type AgentMiddleware,
  createAgent,
  modelFallbackMiddleware,
  modelRetryMiddleware,
  toolRetryMiddleware,
} from "langchain";
import { z } from "zod";
import { FakeModel } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import { rounds } from "./rounds.ts";
import type { Scenario } from "./scenario.ts";

const AT_ONCE = { initialDelayMs: 1, jitter: false };

/**
 * An agent whose model always fails, twice a turn, so that another one answers; and one of whose tools
 * fails three times before the model is told so. What fails has no effect.
 */
export const failingCalls: Scenario = {
  name: "failing-calls",
  build: (effect) => {
    const broken = new FakeModel(
      () => Promise.reject(new Error("overloaded")),
      () => "never",
    );
    const flaky = tool(
      async ({ q }) => {
        throw new RangeError(`no ${q}`);
      },
      { name: "flaky", description: "Fails.", schema: z.object({ q: z.string() }) },
    );
    const app = createAgent({
      model: broken,
      tools: [fakeTool(effect, "look"), flaky],
      middleware: [
        modelFallbackMiddleware(new FakeModel(effect, rounds(["look", "flaky"], ["look"]))),
        modelRetryMiddleware({ maxRetries: 1, onFailure: "error", ...AT_ONCE }),
        toolRetryMiddleware({ maxRetries: 2, onFailure: "continue", ...AT_ONCE }),
        // Their types do not hold with `exactOptionalPropertyTypes`.
      ] as unknown as readonly AgentMiddleware[],
    });
    return { app, input: { messages: [new HumanMessage("Go on.")] } };
  },
};
