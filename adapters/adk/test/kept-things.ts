// Agents in sequence that have code executed, save and load artifacts, remember, and ask Gemini over HTTP.
import {
  BaseCodeExecutor,
  type CodeExecutionResult,
  FunctionTool,
  LlmAgent,
  SequentialAgent,
} from "@google/adk";
import { z } from "zod";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";
import { plainEvent } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

const data = Buffer.from("a,b\n1,2\n").toString("base64");
const parameters = z.object({});

/** Where Gemini is, and its key, are in the environment. */
export const keptThings: Scenario = {
  name: "kept things",
  async run({ runtime, runId, effect }) {
    const subAgents = [coder(effect), keeper(effect), watcher(effect)];
    const app = new SequentialAgent({ name: "all", subAgents });
    const input = { parts: [{ inlineData: { mimeType: "text/csv", data } }] };
    const { events, state } = await runtime.run(app, input, { durable: { runId } });
    return { events: events.map(plainEvent), state };
  },
};

function coder(effect: Effect): LlmAgent {
  class Executor extends BaseCodeExecutor {
    override optimizeDataFile = true;
    override async executeCode(): Promise<CodeExecutionResult> {
      await effect("code");
      return { stdout: "two columns", stderr: "", outputFiles: [] };
    }
  }
  const model = new FakeLlm(effect, "coder", () => "read");
  return new LlmAgent({ name: "coder", model, codeExecutor: new Executor() });
}

function keeper(effect: Effect): LlmAgent {
  const save = new FunctionTool({
    name: "save",
    description: "Saves.",
    parameters,
    execute: async (_, context) => {
      await effect("tool: save");
      return { version: await context!.saveArtifact("report", { text: "done" }) };
    },
  });
  return new LlmAgent({
    name: "keeper",
    model: new FakeLlm(effect, "keeper", (request) =>
      responses(request, "save").length === 0 ? [{ name: "save", args: {} }] : "saved",
    ),
    tools: [save],
    afterAgentCallback: async ({ invocationContext: { memoryService, session } }) => {
      await memoryService!.addSessionToMemory(session);
      return undefined;
    },
  });
}

function watcher(effect: Effect): LlmAgent {
  const look = new FunctionTool({
    name: "look",
    description: "Looks.",
    parameters,
    execute: async (_, context) => {
      await effect("tool: look");
      const { memories } = await context!.searchMemory("saved");
      const report = await context!.loadArtifact("report");
      return { remembered: memories.length, report: report?.text };
    },
  });
  return new LlmAgent({ name: "watcher", model: "gemini-2.5-flash", tools: [look] });
}
