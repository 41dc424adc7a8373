/**
 * Tools that the SDK carries out itself, on a shell, an editor or a computer of the user's, as steps: each
 * command, each patch, each click. Invariant: the tool and what it works on are not changed; the SDK is
 * handed copies that stand for them.
 */
import { approveCall, findRun, type RunContext, toolPolicy } from "@holdfast/core/adapter";
import type { ApplyPatchTool, ComputerTool, ShellTool, Tool } from "@openai/agents";
import { belongsTo, currentAgentRun } from "./agent-run.ts";
import { verdictOn } from "./approvals.ts";
import { safetyCheckedOnce } from "./asked-once.ts";
import { liveStep } from "./live-step.ts";

type LocalTool = ShellTool | ApplyPatchTool | ComputerTool;

/** The tool as the SDK is to have it. Others than these are given back as they are. */
export function durableLocalTool<T extends Tool<unknown>>(tool: T): T {
  switch (tool.type) {
    case "shell":
      return tool.shell === undefined ? tool : withPart(tool, "shell", onShell(tool));
    case "apply_patch":
      return withPart(tool, "editor", onEditor(tool));
    case "computer": {
      const { onSafetyCheck } = tool;
      const durable = withPart(tool, "computer", onComputer(tool));
      return onSafetyCheck === undefined
        ? durable
        : withPart(durable, "onSafetyCheck", safetyCheckedOnce(onSafetyCheck));
    }
    default:
      return tool;
  }
}

function withPart<T extends object>(tool: T, name: string, value: unknown): T {
  const part = { value, writable: true, enumerable: true, configurable: true };
  const properties = { ...Object.getOwnPropertyDescriptors(tool), [name]: part };
  return Object.create(Object.getPrototypeOf(tool), properties) as T;
}

function onShell(tool: ShellTool & { readonly shell?: unknown }): object {
  return standIn(tool.shell as object, ["run"], (method, args, original) =>
    localStep(tool, { method, args, original }, (note) => ({
      output: [{ stdout: "", stderr: note, outcome: { type: "exit", exitCode: null } }],
    })),
  );
}

function onEditor(tool: ApplyPatchTool): object {
  return standIn(
    tool.editor,
    ["createFile", "updateFile", "deleteFile"],
    (method, [operation], original) =>
      localStep(tool, { method, args: [operation], original }, (note) => ({
        status: "failed",
        output: note,
      })),
  );
}

const COMPUTER_METHODS = [
  "click",
  "doubleClick",
  "drag",
  "keypress",
  "move",
  "screenshot",
  "scroll",
  "type",
  "wait",
];

function onComputer(tool: ComputerTool): unknown {
  const { computer } = tool as { readonly computer: unknown };
  const standingFor = (made: object) =>
    standIn(made, COMPUTER_METHODS, (method, args, original) =>
      // What comes last is the context of the SDK's run.
      localStep(tool, { method, args: args.slice(0, -1), original }, (note) => {
        throw new Error(note);
      }),
    );
  if (typeof computer === "function") {
    return async (...args: readonly unknown[]) => standingFor(await computer(...args));
  }
  if (typeof computer !== "object" || computer === null || !("create" in computer)) {
    return standingFor(computer as object);
  }
  const { create } = computer as { create(...args: readonly unknown[]): Promise<object> };
  return { ...computer, create: async (...args: unknown[]) => standingFor(await create(...args)) };
}

type Method = (...args: unknown[]) => unknown;

/** Of which these methods are durable in a run, and everything else is as it is. */
function standIn(
  target: object,
  durable: readonly string[],
  call: (name: string, args: readonly unknown[], original: () => unknown) => unknown,
): object {
  const methods = new Map<PropertyKey, Method>();
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      const known = methods.get(name);
      if (known !== undefined) return known;
      const method: Method = (...args) => {
        const original = () => (value as Method).apply(target, args);
        const isStep = findRun() !== undefined && durable.includes(String(name));
        return isStep ? call(String(name), args, original) : original();
      };
      methods.set(name, method);
      return method;
    },
  });
}

interface LocalCall {
  readonly method: string;
  readonly args: readonly unknown[];
  original(): unknown;
}

async function localStep(
  tool: LocalTool,
  { method, args, original }: LocalCall,
  rejected: (note: string) => unknown,
): Promise<unknown> {
  const run = findRun()!;
  const { name } = tool;
  const isLook = method === "screenshot" || method === "wait";
  const agentRun = currentAgentRun();
  const [asked] = args;
  const callId = agentRun?.callIdOf(asked);
  const step = async () => {
    const given = verdictOfCall(run, tool, callId);
    const approval = given
      ? ({ is: "approved", args: asked } as const)
      : isLook
        ? ({ is: "not needed" } as const)
        : await approveCall(run, { tool: name, args: asked ?? method, callId });
    if (approval.is === "rejected") return rejected(approval.note);
    return liveStep(run, {
      kind: "tool",
      name: tool.type === "shell" ? name : `${name}.${method}`,
      callId: callId && `${callId}/${method}`,
      input: args,
      policy: isLook ? {} : toolPolicy(run, name, approval),
      async body() {
        belongsTo("none");
        return original();
      },
    });
  };
  return agentRun === undefined ? step() : agentRun.inTurn(step);
}

/** The SDK does not say for which call a computer moves: any that was approved will do. */
function verdictOfCall(run: RunContext, tool: LocalTool, callId: string | undefined): boolean {
  const agentRun = currentAgentRun();
  const ids = callId === undefined ? (agentRun?.callIds(tool.type) ?? []) : [callId];
  return ids.some((id) => verdictOn(run, agentRun?.agent, id)?.approved === true);
}
