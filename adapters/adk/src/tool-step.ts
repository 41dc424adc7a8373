/**
 * A call of a tool is a step, told from others by the id of the function call. Agents and nodes used as
 * tools are no steps but places for them: they run again, over the records of what happens inside.
 */
import {
  type AgentTool,
  type BaseTool,
  isAgentTool,
  type LlmAgent,
  type LlmRequest,
  type NodeTool,
  type RunAsyncToolRequest,
  type ToolNode,
} from "@google/adk";
import {
  type Around,
  approveCall,
  durableStep,
  type RunContext,
  type StepPolicy,
  toolPolicy,
} from "@holdfast/core/adapter";
import { type ActionDelta, ActionsMoment, applyActionDelta } from "./action-delta.ts";
import type { AdkCopy } from "./copies.ts";
import { intercept } from "./intercept.ts";
import { plainCopy } from "./plain-copy.ts";
import { type Isolation, isolateState } from "./state-isolation.ts";
import { type Pass, passUntilAnswered } from "./suspension.ts";

/** Wherever ADK takes tools in hand, whatever they were made of. */
export function interceptTools({ LlmAgent, ToolNode }: AdkCopy): void {
  // Typed as private: checked to be there when the adapter is installed.
  intercept<LlmAgent, [unknown, LlmRequest, ...unknown[]], unknown>(
    LlmAgent.prototype,
    "postprocess",
    ({ original }, context, request, ...rest) => {
      for (const tool of Object.values(request.toolsDict)) interceptTool(tool);
      return original(context, request, ...rest);
    },
  );
  intercept<LlmAgent, unknown[], Promise<readonly BaseTool[]>>(
    LlmAgent.prototype,
    "canonicalTools",
    async ({ original }, ...parameters) => {
      const tools = await original(...parameters);
      for (const tool of tools) interceptTool(tool);
      return tools;
    },
  );
  intercept<ToolNode, unknown[], unknown>(
    ToolNode.prototype,
    "runImpl",
    ({ target, original }, ...parameters) => {
      interceptTool(target.tool);
      return original(...parameters);
    },
  );
}

function interceptTool(tool: BaseTool): void {
  intercept(tool, "runAsync", toolStep);
}

const toolStep: Around<BaseTool, [RunAsyncToolRequest], Promise<unknown>> = async (
  { run, target: tool, original },
  { args, toolContext },
) => {
  const callId = toolContext.functionCallId;
  const call = { tool: tool.name, args, callId };
  const approval = await approveCall(run, call);
  // In ADK's own words; the reason is what it has no word for.
  if (approval.is === "rejected") {
    return { error: "This tool call is rejected.", reason: approval.note };
  }
  const given = approval.is === "approved" ? (approval.args as typeof args) : args;
  const request = { args: given, toolContext };
  if (isContainer(tool)) {
    const label = `tool:${tool.name}${callId === undefined ? "" : `:${callId}`}`;
    return run.scope(label, () => original(request));
  }
  const pass: Pass = (confirmed) => {
    const policy = toolPolicy(run, tool.name, confirmed ?? approval);
    return perform(run, tool, policy, original, request);
  };
  return passUntilAnswered(run, { tool, args: given, context: toolContext }, pass);
};

async function perform(
  run: RunContext,
  { name }: BaseTool,
  policy: StepPolicy,
  original: (request: RunAsyncToolRequest) => Promise<unknown>,
  { args, toolContext }: RunAsyncToolRequest,
): Promise<unknown> {
  const before = new ActionsMoment(run, toolContext);
  let isolation: Isolation | undefined;
  let isLive = false;
  try {
    const result = await durableStep(run, {
      kind: "tool",
      name,
      callId: toolContext.functionCallId,
      input: [args],
      policy,
      effect: {
        read: () => before.delta(),
        apply: (delta) => applyActionDelta(toolContext, delta as ActionDelta),
      },
      body() {
        // A try before this one came to nothing.
        before.restore();
        isolation?.end();
        isolation = isolateState(toolContext, before);
        isLive = true;
        // What it does to them is on no record.
        return original({ args: plainCopy(run, args), toolContext });
      },
    });
    // Nor is what it does later to what it returned, which may be a part of the state.
    return isLive ? plainCopy(run, result) : result;
  } finally {
    isolation?.end();
  }
}

function isContainer(tool: BaseTool): tool is AgentTool | NodeTool {
  return isAgentTool(tool) || NODE_TOOL in tool;
}

/** ADK's mark of its `NodeTool`s, the same in every copy of it. */
const NODE_TOOL = Symbol.for("google.adk.workflow.nodeTool");
