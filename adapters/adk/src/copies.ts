/**
 * The copies of ADK in this process. The ES module and the CommonJS module of one installed package
 * are two copies, with classes of their own; an app lives in one of them, and its parts may be of both.
 */
import { createRequire } from "node:module";
import * as imported from "@google/adk";
import { HoldfastError } from "@holdfast/core";
import type { AdkApp } from "./app.ts";
import { SUPPORTED } from "./supported.ts";

export type AdkCopy = typeof imported;

const { cache } = createRequire(import.meta.url);
const INSIDE_ADK = /[\\/]@google[\\/]adk[\\/]/;

/** The copy this package imports, and those that somebody has required. */
export function loadedCopies(): readonly AdkCopy[] {
  const required = Object.entries(cache).flatMap(([file, module]) =>
    INSIDE_ADK.test(file) && isCopy(module?.exports) ? [module.exports] : [],
  );
  return [imported, ...required];
}

/** The copy that the app is of. Throws UNSUPPORTED_FRAMEWORK_VERSION if it is of none that is known. */
export function copyOf(app: AdkApp): AdkCopy {
  const found = loadedCopies().find(
    ({ BaseNode, Runner }) => app instanceof BaseNode || app instanceof Runner,
  );
  if (found !== undefined) return found;
  throw new HoldfastError(
    "UNSUPPORTED_FRAMEWORK_VERSION",
    "The app was made with a copy of @google/adk that @holdfast/adk cannot reach: not the one it imports itself, nor one that was loaded by require().",
    {
      hint: `Install one copy of @google/adk ${SUPPORTED}: see \`npm ls @google/adk\` and \`npm dedupe\`. A bundled copy cannot be made durable; mark @google/adk as external.`,
      details: { supported: SUPPORTED },
    },
  );
}

function isCopy(exports: unknown): exports is AdkCopy {
  if (typeof exports !== "object" || exports === null) return false;
  return "BaseNode" in exports && "Runner" in exports && "LlmAgent" in exports;
}
