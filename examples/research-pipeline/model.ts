/** The model: Gemini if there is a key for it, else a script. */
import type { BaseLlm } from "@google/adk";
import { ScriptedLlm } from "./scripted-llm.ts";

const { GOOGLE_API_KEY, GEMINI_API_KEY, GEMINI_MODEL = "gemini-2.5-flash" } = process.env;
const hasKey = Boolean(GOOGLE_API_KEY || GEMINI_API_KEY);

export const model: string | BaseLlm = hasKey ? GEMINI_MODEL : new ScriptedLlm();

export const modelName: string = hasKey
  ? GEMINI_MODEL
  : "a script; with GEMINI_API_KEY it is Gemini";
