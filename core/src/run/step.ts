import { alone } from "./alone.ts";
import { durableStep } from "./durable-step.ts";
import type { StepPolicy } from "./policies.ts";
import { currentRun } from "./run-context.ts";

export interface StepOptions extends StepPolicy {
  /**
   * What tells this call from others of the same name: needed when several of them can be under way
   * at once. Calls with equal input are the same to the journal.
   */
  readonly input?: unknown;
}

/**
 * Does something once: `fn` runs, its result is durable, and every later execution of the run gets it
 * without running `fn` again. What `fn` throws is kept and thrown in the same way.
 *
 * Throws NOT_IN_A_RUN outside a run, and STEP_AMBIGUOUS when another step of this name is under way in
 * the same place and no input tells them apart.
 */
export function step<T>(
  name: string,
  fn: () => T | Promise<T>,
  options: StepOptions = {},
): Promise<T> {
  const run = currentRun(`step("${name}")`);
  const { input, ...policy } = options;
  const hasInput = "input" in options;
  const body = async (): Promise<T> => fn();
  const call = {
    kind: "code" as const,
    name,
    policy,
    body,
    ...(hasInput ? { input: [input] } : {}),
  };
  if (hasInput) return durableStep(run, call);
  const hint = `Give each a name of its own, or say what it is given: step("${name}", fn, { input }).`;
  const what = `step "${name}"`;
  return alone({ runId: run.runId, what, hint }, () => durableStep(run, call));
}
