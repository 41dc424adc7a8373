import { FunctionTool, LlmAgent } from "@google/adk";
import { z } from "zod";
import { FakeLlm, responses } from "./fake-llm.ts";
import type { Scenario } from "./scenario.ts";

const parameters = z.object({});
const NAMES = ["save", "load", "recall"];

/** Artifacts and memories, kept by a callback and by tools, and found again by others. */
export const kept: Scenario = {
  name: "kept",
  build: (effect) => {
    const save = new FunctionTool({
      name: "save",
      description: "Saves.",
      parameters,
      async execute(_, context) {
        await effect("tool: save");
        const version = await context!.saveArtifact("report", { text: "from the tool" });
        await effect("tool: saved");
        return { version };
      },
    });
    const load = new FunctionTool({
      name: "load",
      description: "Loads.",
      parameters,
      async execute(_, context) {
        await effect("tool: load");
        const names = await context!.listArtifacts();
        const [old, now] = await Promise.all([
          context!.loadArtifact("report", 0),
          context!.loadArtifact("report"),
        ]);
        return { names, old: old?.text, now: now?.text };
      },
    });
    const recall = new FunctionTool({
      name: "recall",
      description: "Remembers.",
      parameters,
      async execute(_, context) {
        await effect("tool: recall");
        const { memories } = await context!.searchMemory("kelp");
        return { said: memories.map(({ content }) => content.parts?.[0]?.text) };
      },
    });
    const app = new LlmAgent({
      name: "shelf",
      model: new FakeLlm(effect, "shelf", (request) => {
        const next = NAMES.find((name) => responses(request, name).length === 0);
        return next === undefined
          ? JSON.stringify(NAMES.map((name) => responses(request, name)[0]))
          : [{ name: next, args: {} }];
      }),
      tools: [save, load, recall],
      async beforeAgentCallback(context) {
        await context.saveArtifact("report", { text: "from the callback" });
        const { memoryService, session } = context.invocationContext;
        await memoryService!.addSessionToMemory(session);
        return undefined;
      },
    });
    return { app, input: "I like kelp." };
  },
};
