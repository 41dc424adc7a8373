/**
 * Calls of function tools as steps. The SDK is handed a copy of each tool, the same one every time,
 * that it cannot tell from the tool. An agent as a tool is no step but a scope: what it runs is made of
 * steps itself, and its approvals and its usage are those of the run around it.
 */
import { approveCall, findRun, type RunContext, toolPolicy } from "@holdfast/core/adapter";
import type {
  FunctionTool,
  RunContext as SdkContext,
  Tool,
  ToolInputGuardrailDefinition,
} from "@openai/agents";
import { AgentRun, belongsTo, currentAgentRun } from "./agent-run.ts";
import { verdictOn } from "./approvals.ts";
import { approvedOnce } from "./asked-once.ts";
import { ContextEffect } from "./context-effect.ts";
import { guardrailStep } from "./guardrail-step.ts";
import { liveStep } from "./live-step.ts";
import { durableLocalTool } from "./local-tool.ts";
import type { SdkCopy, SdkInternals } from "./sdk.ts";

type Invoke = FunctionTool<unknown>["invoke"];
type Details = Parameters<Invoke>[2];

const durableTools = new WeakMap<object, Tool<unknown>>();

/** The tool as the SDK is to have it. */
export function durableTool(tool: Tool<unknown>, sdk: SdkCopy): Tool<unknown> {
  const known = durableTools.get(tool);
  if (known !== undefined) return known;
  const copy = durableCopy(tool, sdk);
  durableTools.set(tool, copy);
  durableTools.set(copy, copy);
  return copy;
}

function durableCopy(tool: Tool<unknown>, sdk: SdkCopy): Tool<unknown> {
  switch (tool.type) {
    case "function":
      return copyOfTool(tool, sdk);
    case "hosted_tool":
      return approvedOnce(tool);
    default:
      return durableLocalTool(tool);
  }
}

function copyOfTool(
  tool: FunctionTool<unknown>,
  { agents, internals }: SdkCopy,
): FunctionTool<unknown> {
  const agent = internals.getAgentToolSourceAgent(tool);
  const binding = internals.getMcpToolBinding(tool);
  const called: Called = {
    tool,
    key: internals.getFunctionToolStateKey(tool) ?? tool.name,
    call: agent === undefined ? toolStep(binding === null ? "tool" : "mcp") : agentToolScope,
    invoke: ({ context: runContext, json: input, details }) =>
      agents.invokeFunctionTool({ tool, runContext, input, ...(details && { details }) }),
  };
  const properties = {
    ...Object.getOwnPropertyDescriptors(tool),
    invoke: property<Invoke>((context, json, details) => {
      const invocation = { context, json, details };
      const run = findRun();
      if (run === undefined) return called.invoke(invocation);
      const part = () => decided(run, called, invocation);
      return currentAgentRun()?.inTurn(part) ?? part();
    }),
    // The time limit belongs to the step: what the model is told of it is recorded.
    timeoutMs: property(undefined),
    ...(internals.hasDynamicFunctionToolApprovalPolicy(tool)
      ? { needsApproval: property(parsedFirst(tool, internals)) }
      : {}),
    ...durableGuardrails(tool, "inputGuardrails"),
    ...durableGuardrails(tool, "outputGuardrails"),
  };
  const copy = Object.create(Object.getPrototypeOf(tool), properties) as FunctionTool<unknown>;
  if (agent !== undefined) internals.registerAgentToolSourceAgent(copy, agent);
  if (binding !== null) internals.bindMcpTool(copy, binding);
  return copy;
}

type GuardrailArgs = Parameters<ToolInputGuardrailDefinition["run"]>[0] & {
  readonly output?: unknown;
};

/** A tool's own guardrails, of calls or of what came of them. */
function durableGuardrails(
  tool: FunctionTool<unknown>,
  name: "inputGuardrails" | "outputGuardrails",
): PropertyDescriptorMap {
  const guardrails = tool[name] as readonly ToolInputGuardrailDefinition[] | undefined;
  if (guardrails === undefined) return {};
  const durable = guardrails.map((guardrail, nth) => ({
    ...guardrail,
    run(args: GuardrailArgs) {
      const run = findRun();
      if (run === undefined) return guardrail.run(args);
      const { toolCall, context, output } = args;
      const input = { call: toolCall.arguments, ...("output" in args ? { output } : {}) };
      const callId = `${toolCall.callId} ${name} ${nth}`;
      const body = () => guardrail.run(args);
      return guardrailStep(run, { name: guardrail.name, callId, input, context, body });
    },
  }));
  return { [name]: property(durable) };
}

function property<T>(value: T): TypedPropertyDescriptor<T> {
  return { value, writable: true, enumerable: true, configurable: true };
}

interface Invocation {
  readonly context: SdkContext<unknown>;
  readonly json: string;
  readonly details: Details;
}

type Call = (
  run: RunContext,
  called: Called,
  invocation: Invocation,
  policy: ReturnType<typeof toolPolicy>,
) => Promise<unknown>;

interface Called {
  readonly tool: FunctionTool<unknown>;
  /** What the SDK keeps decisions on its calls under: the name, and the namespace it is in. */
  readonly key: string;
  readonly call: Call;
  /** As the SDK does it, with the tool's time limit. */
  invoke(invocation: Invocation): Promise<unknown>;
}

/** After whoever has to approve the call, by the SDK's rules or by policy, has done so. */
async function decided(run: RunContext, called: Called, invocation: Invocation): Promise<unknown> {
  const { key } = called;
  const { name } = called.tool;
  const agent = currentAgentRun()?.agent;
  const { context, json, details } = invocation;
  const callId = details?.toolCall?.callId;
  const args = fromJson(json);
  // As the SDK asks itself: of this agent's calls only, which is not in its types.
  const asked = { toolName: key, callId: callId ?? "", agent, functionTool: false };
  const isApproved = callId !== undefined && context.isToolApproved(asked) === true;
  const approval = isApproved
    ? ({ is: "approved", args, ...verdictOn(run, agent, callId) } as const)
    : await approveCall(run, { tool: name, args, callId });
  if (approval.is === "rejected") return approval.note;
  const edited = approval.is === "approved" && approval.args !== args ? approval.args : undefined;
  const given = edited === undefined ? json : JSON.stringify(edited);
  return called.call(run, called, { ...invocation, json: given }, toolPolicy(run, name, approval));
}

const toolStep =
  (kind: "tool" | "mcp"): Call =>
  (run, { tool, invoke }, invocation, policy) => {
    const { context, json, details } = invocation;
    const effect = new ContextEffect(context, run.codec);
    return liveStep<unknown>(run, {
      kind,
      name: tool.name,
      callId: details?.toolCall?.callId,
      input: [fromJson(json)],
      policy,
      effect,
      // Cancelled, since a call beside it ended the run: nothing came of it.
      leaves: () => details?.signal?.aborted === true,
      async body() {
        belongsTo("none");
        effect.begin();
        return invoke(invocation);
      },
    });
  };

const agentToolScope: Call = (run, { tool, invoke }, invocation) => {
  const callId = invocation.details?.toolCall?.callId ?? "";
  return run.scope(`${tool.name} ${callId}`, async () => {
    belongsTo(new AgentRun(run));
    return invoke(invocation);
  });
};

/** The SDK finds a tool's parser by its `invoke`, and does not know that of the copy. */
function parsedFirst(
  tool: FunctionTool<unknown>,
  { prepareFunctionToolInput }: SdkInternals,
): FunctionTool<unknown>["needsApproval"] {
  return (context, args, callId) => {
    const { value = args } = prepareFunctionToolInput(tool, JSON.stringify(args))?.result ?? {};
    return tool.needsApproval(context, value as typeof args, callId);
  };
}

function fromJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
