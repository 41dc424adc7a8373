/** What can be run: an agent, by itself or with the runner that is to run it. */
import { HoldfastError } from "@holdfast/core";
import type { Runner, run } from "@openai/agents";

/** An agent of whatever context and output, as the SDK takes it. */
export type AnyAgent = Parameters<typeof run>[0];

export interface AgentWithRunner<App extends AnyAgent = AnyAgent> {
  readonly agent: App;
  readonly runner: Runner;
}

export interface AgentApp {
  readonly agent: AnyAgent;
  readonly runner?: Runner;
}

/** Of whichever copy of the SDK. */
export function agentAppOf(app: unknown): AgentApp | undefined {
  if (isAgent(app)) return { agent: app };
  if (typeof app !== "object" || app === null || !("agent" in app && "runner" in app)) {
    return undefined;
  }
  const { agent, runner } = app;
  return isAgent(agent) && hasMethods(runner, ["run", "emit"])
    ? { agent, runner: runner as Runner }
    : undefined;
}

/** Throws APP_NOT_RECOGNISED for a runner by itself: it has no agent to run. */
export function refuseRunner(app: unknown): void {
  if (!hasMethods(app, ["run", "emit"]) || !("inputGuardrailDefs" in (app as object))) return;
  throw new HoldfastError(
    "APP_NOT_RECOGNISED",
    "A Runner of OpenAI Agents was given to be run, but not which agent it is to run.",
    { hint: "Give both as the app, { agent, runner }: the agent is run by that runner, as it is." },
  );
}

function isAgent(app: unknown): app is AnyAgent {
  return hasMethods(app, ["getAllTools", "getEnabledHandoffs", "asTool"]);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => typeof Reflect.get(value, name) === "function");
}
