// Agents in sequence whose model is ADK's own client for Gemini: named by a text or given as an object, and routed.
import {
  FunctionTool,
  Gemini,
  LlmAgent,
  LogLevel,
  RoutedLlm,
  SequentialAgent,
  StreamingMode,
  setLogLevel,
} from "@google/adk";
import { z } from "zod";
import type { Effect, Scenario } from "./scenarios/scenario.ts";

setLogLevel(LogLevel.ERROR);

const NAME = "gemini-2.5-flash";
const parameters = z.object({ q: z.string() });
export const modes: readonly StreamingMode[] = [StreamingMode.NONE, StreamingMode.SSE];

/** Each asks twice, and looks in between. */
export const CALLS = 4;

/** Where Gemini is, and its key, are in the environment. */
export function watchers(mode: StreamingMode): Scenario {
  return {
    name: `watchers-${mode}`,
    build(effect) {
      const routed = new RoutedLlm({
        models: { one: new Gemini({ model: NAME }) },
        router: () => "one",
      });
      // How a model is told of makes no difference to how it streams: one of each is enough.
      const told = mode === StreamingMode.SSE ? new Gemini({ model: NAME }) : NAME;
      const subAgents = [watcher(effect, "told", told), watcher(effect, "routed", routed)];
      const app = new SequentialAgent({ name: "watchers", subAgents });
      const options = { runConfig: { streamingMode: mode } };
      return { app, input: asking(mode), options };
    },
  };
}

/** What all that it asks its model begins with. */
export function asking(mode: StreamingMode): string {
  return `Look, ${mode}.`;
}

export function watcher(
  effect: Effect,
  name: string,
  model: string | Gemini | RoutedLlm,
): LlmAgent {
  const look = new FunctionTool({
    name: "look",
    description: "Looks.",
    parameters,
    async execute({ q }) {
      await effect(`tool: look of ${name}`);
      return { saw: q };
    },
  });
  return new LlmAgent({ name, model, tools: [look] });
}
