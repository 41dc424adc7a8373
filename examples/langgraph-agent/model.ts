/** The model: that of OpenAI if there is a key for it, else a script. */
import { ChatOpenAI } from "@langchain/openai";
import { ScriptedModel } from "./scripted-model.ts";
import { tools } from "./tools.ts";

const { OPENAI_API_KEY: key, OPENAI_MODEL: name = "gpt-4.1-mini" } = process.env;

export const modelName: string = key
  ? `${name} of OpenAI`
  : "a script; with OPENAI_API_KEY a real one";

export const model = (key ? new ChatOpenAI({ model: name }) : new ScriptedModel()).bindTools(tools);
