import { Agent, type ModelRequest, type RunContext, run, tool } from "@openai/agents";
import { z } from "zod";
import { FakeModel, results } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Notes, Scenario } from "./scenario.ts";

/** A plain tool whose body runs another agent twice, side by side, and then has an effect itself. */
export const nestedRuns: Scenario = {
  name: "nested-runs",
  build: (effect) => {
    const reader = new Agent<Notes>({
      name: "Reader",
      model: new FakeModel(
        effect,
        (request) => `reader of ${topicOf(request)}`,
        (request) =>
          results(request).size > 0
            ? `the reader knows ${topicOf(request)}`
            : [
                {
                  name: "read",
                  args: { q: topicOf(request) },
                  id: `reader_${topicOf(request)}`,
                },
              ],
      ),
      tools: [fakeTool(effect, "read")],
    });
    const compare = tool({
      name: "compare",
      description: "Compares two topics.",
      parameters: z.object({ topics: z.array(z.string()) }),
      execute: async ({ topics }, context?: RunContext<Notes>) => {
        const options = context === undefined ? {} : { context: context.context };
        const read = await Promise.all(topics.map((topic) => run(reader, topic, options)));
        await effect(`tool: compare ${topics.join(" ")}`);
        return read.map(({ finalOutput }) => finalOutput).join(", ");
      },
    });
    const app = new Agent<Notes>({
      name: "Editor",
      model: new FakeModel(effect, "editor", (request) =>
        results(request).size > 0
          ? "compared"
          : [{ name: "compare", args: { topics: ["amber", "birch"] }, id: "editor_1" }],
      ),
      tools: [compare],
    });
    return { app, input: "Compare them.", options: { context: { notes: {} } } };
  },
};

function topicOf({ input }: ModelRequest): string {
  return JSON.stringify(input).includes("amber") ? "amber" : "birch";
}
