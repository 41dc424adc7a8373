import { LlmAgent } from "@google/adk";
import { FakeLlm, responses } from "./fake-llm.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Effect } from "./scenario.ts";

/** An agent that calls its one tool once and then says so, saved in the state as `<name>_out`. */
export function oneToolAgent(
  effect: Effect,
  name: string,
  options: { readonly requireConfirmation?: boolean } = {},
): LlmAgent {
  const tool = `${name}_tool`;
  return new LlmAgent({
    name,
    description: `The agent ${name}.`,
    model: new FakeLlm(effect, name, (request) =>
      responses(request, tool).length > 0
        ? `${name} is done: ${JSON.stringify(responses(request, tool))}`
        : [{ name: tool, args: { q: name } }],
    ),
    tools: [fakeTool(effect, tool, options)],
    outputKey: `${name}_out`,
  });
}
