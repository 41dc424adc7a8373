/** How steps behave when they fail, take long, or nobody knows how they ended. */
import { HoldfastError } from "../errors/index.ts";

export interface StepPolicy {
  /**
   * What becomes of a step that was under way when its process died. `retry`: it runs again, with the
   * same idempotency key. `once`: it never does by itself; a person says how it ended. `fail`: it
   * fails. Default: `retry`; `once` for a call that a person approved.
   */
  readonly inDoubt?: "retry" | "once" | "fail";
  /** How often a body that fails is tried again. Default: never; frameworks have retries of their own. */
  readonly retries?: number | RetryPolicy;
  /** Milliseconds a try may take before it fails with `STEP_TIMED_OUT`. Default: no limit. */
  readonly timeout?: number;
}

export interface RetryPolicy {
  /** How often, after the first try. */
  readonly times: number;
  /** Milliseconds before the first of them; doubled each time. Default: 500. */
  readonly delay?: number;
  /** The longest delay. Default: 30 s. */
  readonly maxDelay?: number;
  /**
   * Whether this failure is worth another try. Default: every one is. If it throws, none is made: the
   * step fails as its body did, and the log says what was thrown here.
   */
  readonly when?: (error: unknown) => boolean;
}

export interface ApprovalPolicy {
  /** Names of tools whose calls a person has to approve. `"*"`: of all. */
  readonly tools: readonly string[];
  /** Narrows it down to some calls. Default: every call. */
  readonly when?: (call: { readonly tool: string; readonly args: unknown }) => boolean;
  /** Milliseconds after which an unanswered approval counts as rejected. Default: never. */
  readonly expires?: number;
}

export interface Policies {
  readonly tools?: Readonly<Record<string, StepPolicy>>;
  readonly models?: Readonly<Record<string, StepPolicy>>;
  readonly approve?: ApprovalPolicy;
}

/** What holds for a run: what it was started with goes before what its runtime says. */
export function mergePolicies(general: Policies, special: Policies): Policies {
  const approve = special.approve ?? general.approve;
  return {
    tools: { ...general.tools, ...special.tools },
    models: { ...general.models, ...special.models },
    ...(approve === undefined ? {} : { approve }),
  };
}

/** Throws OPTION_INVALID for what could not be meant. */
export function checkStepPolicy(name: string, policy: StepPolicy): void {
  const { inDoubt, retries, timeout } = policy;
  const times = typeof retries === "object" ? retries.times : retries;
  if (inDoubt !== undefined && !["retry", "once", "fail"].includes(inDoubt)) {
    throw invalid(name, "inDoubt", inDoubt, '"retry", "once" or "fail"');
  }
  if (times !== undefined && !(Number.isInteger(times) && times >= 0)) {
    throw invalid(name, "retries", times, "a whole number from 0");
  }
  if (timeout !== undefined && !(typeof timeout === "number" && timeout > 0)) {
    throw invalid(name, "timeout", timeout, "a number of milliseconds above 0");
  }
  if (typeof retries !== "object") return;
  for (const option of ["delay", "maxDelay"] as const) {
    const ms = retries[option];
    if (ms === undefined || (typeof ms === "number" && ms >= 0)) continue;
    throw invalid(name, `retries.${option}`, ms, "a number of milliseconds from 0");
  }
}

/** How long to wait before the next try after the `nth` failed; undefined: no other try is made. */
export function retryDelay(
  { retries }: StepPolicy,
  nth: number,
  error: unknown,
): number | undefined {
  if (retries === undefined) return undefined;
  const policy: RetryPolicy = typeof retries === "number" ? { times: retries } : retries;
  if (nth > policy.times || policy.when?.(error) === false) return undefined;
  const { delay = 500, maxDelay = 30_000 } = policy;
  return Math.min(delay * 2 ** (nth - 1), maxDelay);
}

function invalid(name: string, option: string, found: unknown, expected: string): HoldfastError {
  return new HoldfastError(
    "OPTION_INVALID",
    `The policy of step "${name}" has ${option}: ${String(found)}.`,
    { hint: `Give ${expected}.`, details: { name, option, found } },
  );
}
