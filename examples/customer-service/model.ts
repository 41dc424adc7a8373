/** The model: that of OpenAI if there is a key for it, else a script. */
import { Runner, setTracingDisabled } from "@openai/agents";
import { ScriptedModel } from "./scripted-model.ts";

const { OPENAI_API_KEY: key, OPENAI_MODEL: name = "gpt-4.1-mini" } = process.env;

export const modelName: string = key
  ? `${name} of OpenAI`
  : "a script; with OPENAI_API_KEY a real one";

export function runner(): Runner {
  if (!key) setTracingDisabled(true);
  return new Runner({ model: key ? name : new ScriptedModel() });
}
