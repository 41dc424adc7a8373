/**
 * The copies of the SDK in this process. The ES module and the CommonJS module of one installed package
 * are two copies, with classes of their own; an app is of one of them. Finding a copy changes nothing.
 */
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { HoldfastError } from "@holdfast/core";
import * as imported from "@openai/agents";
import { SUPPORTED } from "./supported.ts";

export interface SdkCopy {
  readonly agents: typeof imported;
  readonly internals: SdkInternals;
}

/** What a copy of a tool has to be entered into, to be taken for the tool. Not exported by the SDK. */
export interface SdkInternals {
  /** The agent that a tool made by `asTool` runs. */
  getAgentToolSourceAgent(tool: object): object | undefined;
  registerAgentToolSourceAgent(tool: object, agent: object): void;
  getMcpToolBinding(tool: object): object | null;
  bindMcpTool(tool: object, binding: object): object;
  /** What decisions on calls of a function are kept under. */
  getFunctionToolStateKey(tool: object): string | undefined;
  /** The arguments as the tool's own parser reads them; undefined for tools that have none. */
  prepareFunctionToolInput(
    tool: object,
    json: string,
  ): { readonly result: { readonly success: boolean; readonly value?: unknown } } | undefined;
  /** Whether a function of the user decides which calls need approval. */
  hasDynamicFunctionToolApprovalPolicy(tool: object): boolean;
  /** The same for others: of a tool of a hosted server, more than the name. */
  getHostedMcpApprovalToolName(name: string, call: object): string;
}

const require = createRequire(import.meta.url);
const INDEX_OF_CORE = `${sep}@openai${sep}agents-core${sep}dist${sep}index.js`;
const INDEX = `${sep}@openai${sep}agents${sep}dist${sep}index.js`;

const FILES: Readonly<Record<keyof SdkInternals, string>> = {
  getAgentToolSourceAgent: "agentToolSourceRegistry",
  registerAgentToolSourceAgent: "agentToolSourceRegistry",
  getMcpToolBinding: "toolIdentity",
  bindMcpTool: "toolIdentity",
  getFunctionToolStateKey: "toolIdentity",
  prepareFunctionToolInput: "tool",
  hasDynamicFunctionToolApprovalPolicy: "tool",
  getHostedMcpApprovalToolName: "toolInvocation",
};

const copies = new Map<string, SdkCopy>();

/** The copy that this package imports. */
export function ownCopy(): SdkCopy {
  const index = require.resolve("@openai/agents");
  return remembered("imported", () => ({
    agents: imported,
    internals: internalsBeside(coreSeenFrom(index), ".mjs"),
  }));
}

/** The copy that an object is of. Throws UNSUPPORTED_FRAMEWORK_VERSION if it is of none that is known. */
export function copyOf(object: object): SdkCopy {
  const isOf = ({ agents }: SdkCopy) =>
    object instanceof agents.Agent || object instanceof agents.Runner;
  const found = [ownCopy()].find(isOf) ?? requiredCopies().find(isOf);
  if (found !== undefined) return found;
  throw new HoldfastError(
    "UNSUPPORTED_FRAMEWORK_VERSION",
    "The agent was made with a copy of @openai/agents that @holdfast/openai-agents cannot reach: not the one it imports itself, nor one that was loaded by require().",
    {
      hint: `Install one copy of @openai/agents ${SUPPORTED}: see \`npm ls @openai/agents-core\` and \`npm dedupe\`. A bundled copy cannot be made durable; mark @openai/agents as external.`,
      details: { supported: SUPPORTED },
    },
  );
}

/** The one that somebody has loaded by `require`, if anybody has. */
export function requiredCopy(): SdkCopy | undefined {
  return requiredCopies()[0];
}

/** Those that somebody has loaded by `require`. */
function requiredCopies(): readonly SdkCopy[] {
  return Object.entries(require.cache).flatMap(([file, module]) => {
    if (!file.endsWith(INDEX) && !file.endsWith(INDEX_OF_CORE)) return [];
    const exports: unknown = module?.exports;
    if (!isSdk(exports)) return [];
    const core = file.endsWith(INDEX_OF_CORE) ? file : coreSeenFrom(file);
    return [remembered(file, () => ({ agents: exports, internals: internalsBeside(core, ".js") }))];
  });
}

function remembered(key: string, find: () => SdkCopy): SdkCopy {
  const copy = copies.get(key) ?? find();
  copies.set(key, copy);
  return copy;
}

function coreSeenFrom(file: string): string {
  return createRequire(file).resolve("@openai/agents-core");
}

/** The very modules that the copy itself uses, although they are not among its exports. */
function internalsBeside(index: string, extension: string): SdkInternals {
  const found = Object.entries(FILES).map(([name, file]): [string, unknown] => {
    const module: unknown = require(join(dirname(index), `${file}${extension}`));
    const value: unknown = Reflect.get(module as object, name);
    if (typeof value !== "function") throw notAsTested(`${file}.${name}`);
    return [name, value];
  });
  return Object.fromEntries(found) as unknown as SdkInternals;
}

export function notAsTested(missing: string): HoldfastError {
  return new HoldfastError(
    "UNSUPPORTED_FRAMEWORK_VERSION",
    `${missing} of @openai/agents is not where this adapter expects it.`,
    {
      hint: `Install a version it is tested with: @openai/agents ${SUPPORTED}.`,
      details: { missing, supported: SUPPORTED },
    },
  );
}

function isSdk(exports: unknown): exports is typeof imported {
  if (typeof exports !== "object" || exports === null) return false;
  return "Agent" in exports && "Runner" in exports && "RunState" in exports;
}
