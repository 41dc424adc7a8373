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

/** What was found among so many modules, of which this was the last to be loaded. */
let found = {
  modules: -1,
  last: "" as string | undefined,
  copies: [imported] as readonly AdkCopy[],
};

/** The copy this package imports, and those that somebody has required. */
export function loadedCopies(): readonly AdkCopy[] {
  const files = Object.keys(cache);
  const [modules, last] = [files.length, files.at(-1)];
  if (modules === found.modules && last === found.last) return found.copies;
  const required = files
    .filter((file) => INSIDE_ADK.test(file))
    .map((file) => cache[file]?.exports as unknown)
    .filter(isCopy);
  found = { modules, last, copies: [imported, ...required] };
  return found.copies;
}

/** The copy that the app is of. Throws UNSUPPORTED_FRAMEWORK_VERSION if it is of none that is known. */
export function copyOf(app: AdkApp): AdkCopy {
  const copy = loadedCopies().find(
    ({ BaseNode, Runner }) => app instanceof BaseNode || app instanceof Runner,
  );
  if (copy !== undefined) return copy;
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
