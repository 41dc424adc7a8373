// An agent on OpenAI's client, which is killed with its requests.
import { HumanMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";

export function agentOnOpenAI(baseURL: string | undefined): CrashScenario {
  return {
    name: "openai",
    async run({ runtime, runId, effect }) {
      const asks: typeof fetch = async (url, init) => {
        const { messages } = JSON.parse(String(init?.body)) as { messages: readonly unknown[] };
        await effect(`request with ${messages.length} messages`);
        return fetch(url, init);
      };
      const model = new ChatOpenAI({
        model: "gpt-test",
        apiKey: "none",
        maxRetries: 0,
        configuration: { baseURL, fetch: asks },
      });
      const app = createAgent({ model, tools: [fakeTool(effect, "look")] });
      const input = { messages: [new HumanMessage("hi")] };
      const { messages } = await runtime.run(app, input, { durable: { runId } });
      return messages.map(({ type, text }) => `${type}: ${text}`);
    },
  };
}
