import { HoldfastError } from "../errors/index.ts";
import { currentScope, type Scope } from "../journal/index.ts";
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
  return alone(run.runId, name, () => durableStep(run, call));
}

/** Where they are in one place at one time, steps of one name and no input cannot be told apart. */
const underWay = new WeakMap<Scope, Set<string>>();

async function alone<T>(runId: string, name: string, part: () => Promise<T>): Promise<T> {
  const scope = currentScope.getStore()!;
  const names = underWay.get(scope) ?? new Set();
  underWay.set(scope, names);
  if (names.has(name)) throw ambiguous(runId, name);
  names.add(name);
  try {
    return await part();
  } finally {
    names.delete(name);
  }
}

function ambiguous(runId: string, name: string): HoldfastError {
  return new HoldfastError(
    "STEP_AMBIGUOUS",
    `Two steps "${name}" of run ${runId} are under way at once, and nothing tells them apart: after a crash one could be given the other's result.`,
    {
      hint: `Give each a name of its own, or say what it is given: step("${name}", fn, { input }).`,
      details: { runId, name },
    },
  );
}
