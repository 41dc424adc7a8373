/**
 * Puts the interception in place, once for each copy of ADK in the process. Before anything is
 * touched it is checked that all of it is where this package was tested to find it.
 */
import { HoldfastError } from "@holdfast/core";
import { interceptAgents } from "./agent-scope.ts";
import type { AdkApp } from "./app.ts";
import { type AdkCopy, copyOf, loadedCopies } from "./copies.ts";
import { interceptFunctionNodes } from "./function-node-step.ts";
import { interceptInvocations } from "./invocation-scope.ts";
import { STORED_IN_MEMORY } from "./memory-sessions.ts";
import { interceptModels } from "./model-step.ts";
import { interceptNodes } from "./node-scope.ts";
import { SUPPORTED } from "./supported.ts";
import { interceptTools } from "./tool-step.ts";

const installed = new WeakSet<AdkCopy>();

/** Throws UNSUPPORTED_FRAMEWORK_VERSION if a copy is not as it was tested, or the app is of none. */
export function install(app: AdkApp): void {
  copyOf(app);
  for (const copy of loadedCopies()) {
    if (installed.has(copy)) continue;
    check(copy);
    interceptInvocations(copy);
    interceptAgents(copy);
    interceptNodes(copy);
    interceptModels(copy);
    interceptTools(copy);
    interceptFunctionNodes(copy);
    installed.add(copy);
  }
}

function check(copy: AdkCopy): void {
  const missing = missingIn(copy);
  if (missing.length === 0 && copy.version.startsWith("2.0.")) return;
  throw new HoldfastError(
    "UNSUPPORTED_FRAMEWORK_VERSION",
    `@google/adk ${copy.version} is loaded; @holdfast/adk was tested with ${SUPPORTED}.${missing.length === 0 ? "" : ` Not found in it: ${missing.join(", ")}.`}`,
    {
      hint: `Install @google/adk ${SUPPORTED}, or a version of @holdfast/adk that was tested with yours.`,
      details: { version: copy.version, supported: SUPPORTED, missing },
    },
  );
}

function missingIn(copy: AdkCopy): readonly string[] {
  const {
    InMemorySessionService,
    BaseAgent,
    BaseNode,
    FunctionNode,
    LlmAgent,
    LlmSummarizer,
    PluginManager,
    Runner,
    ToolNode,
  } = copy;
  const needed: readonly (readonly [
    { readonly name: string; readonly prototype: object },
    string,
  ])[] = [
    [Runner, "runAsync"],
    [PluginManager, "runOnUserMessageCallback"],
    [BaseAgent, "runAsync"],
    [BaseNode, "run"],
    [LlmAgent, "canonicalModel"],
    [LlmAgent, "canonicalTools"],
    [LlmAgent, "postprocess"],
    [LlmSummarizer, "summarize"],
    [ToolNode, "runImpl"],
    [FunctionNode, "runImpl"],
  ];
  const methods = needed
    .filter(([{ prototype }, name]) => !Object.hasOwn(prototype, name))
    .map(([{ name: of }, name]) => `${of}.${name}`);
  const sessions = new InMemorySessionService();
  const fields = STORED_IN_MEMORY.filter((name) => !Object.hasOwn(sessions, name));
  return [...methods, ...fields.map((name) => `InMemorySessionService.${name}`)];
}
