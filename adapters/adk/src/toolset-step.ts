/**
 * Which tools a server offers is a step: on replay the server may be gone, or offer others by now. A tool
 * that is on record alone finds its server when it is called for the first time.
 */
import {
  type BaseTool,
  type BaseToolset,
  isBaseToolset,
  type LlmAgent,
  type ReadonlyContext,
  type RunAsyncToolRequest,
  BaseTool as Tool,
} from "@google/adk";
import { durableStep, outsideRuns } from "@holdfast/core/adapter";
import { intercept } from "./intercept.ts";

/** Toolsets of servers. Those that make their tools themselves make them in every execution. */
export function interceptToolsets({ tools }: LlmAgent): void {
  for (const toolset of tools) {
    if (isBaseToolset(toolset) && isOfServer(toolset)) {
      intercept(toolset, "getTools", toolsOffered);
    }
  }
}

type Declaration = ReturnType<BaseTool["_getDeclaration"]>;

interface Offered {
  readonly name: string;
  readonly description: string;
  readonly isLongRunning: boolean;
  readonly declaration: Declaration;
}

type GetTools = (context?: ReadonlyContext) => Promise<BaseTool[]>;

const toolsOffered: Parameters<
  typeof intercept<BaseToolset, [ReadonlyContext?], Promise<BaseTool[]>>
>[2] = async ({ run, target, original }, context) => {
  let live: BaseTool[] | undefined;
  const offered = await durableStep<readonly Offered[]>(run, {
    kind: "mcp",
    name: "list tools",
    input: [],
    identity: [target.constructor.name, nameOf(target)],
    async body() {
      live = await outsideRuns(() => original(context));
      return live.map(offeredBy);
    },
  });
  return live ?? offered.map((tool) => new RecordedTool(tool, original));
};

function offeredBy(tool: BaseTool): Offered {
  const { name, description, isLongRunning } = tool;
  return { name, description, isLongRunning, declaration: tool._getDeclaration() };
}

/** What tells it from others: an agent may have several. */
function nameOf({ prefix, toolFilter }: BaseToolset): unknown {
  return [prefix ?? null, Array.isArray(toolFilter) ? toolFilter : null];
}

/** ADK's `MCPToolset`, and what is made like it. */
export function isOfServer(toolset: BaseToolset): boolean {
  return "mcpSessionManager" in toolset;
}

class RecordedTool extends Tool {
  readonly #declaration: Declaration;
  readonly #getTools: GetTools;

  constructor({ name, description, isLongRunning, declaration }: Offered, getTools: GetTools) {
    super({ name, description, isLongRunning });
    this.#declaration = declaration;
    this.#getTools = getTools;
  }

  override _getDeclaration(): Declaration {
    return this.#declaration;
  }

  override async runAsync(request: RunAsyncToolRequest): Promise<unknown> {
    const tools = await outsideRuns(() => this.#getTools());
    const tool = tools.find(({ name }) => name === this.name);
    if (tool === undefined) throw new Error(`The server offers no tool ${this.name} any more.`);
    return tool.runAsync(request);
  }
}
