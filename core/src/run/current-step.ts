import { HoldfastError } from "../errors/index.ts";
import { currentScope } from "../journal/index.ts";
import { findRun } from "./run-context.ts";

export interface CurrentStep {
  readonly runId: string;
  /** The number of the step in the journal of its run. */
  readonly stepId: number;
  /** The how-manieth try of its body this is, from 1. */
  readonly try: number;
  /** The same in every try and after every crash: give it to services that know idempotency keys. */
  readonly idempotencyKey: string;
  /** Aborted when nobody wants the result any more: time-out, cancellation, loss of the run. */
  readonly signal: AbortSignal;
}

/**
 * The step whose body calls this, inside any tool, model or `step()` of a run. Throws NOT_IN_A_STEP
 * elsewhere.
 */
export function currentStep(): CurrentStep {
  const run = findRun();
  const step = currentScope.getStore()?.step;
  if (run === undefined || step === undefined) {
    throw new HoldfastError(
      "NOT_IN_A_STEP",
      "currentStep() was called outside the body of a step.",
      {
        hint: "Call it inside a tool, a model or the function given to step(), in a run of Holdfast.",
      },
    );
  }
  const { runId } = run;
  return {
    runId,
    stepId: step.seq,
    try: step.try,
    idempotencyKey: `${runId}:${step.seq}`,
    signal: step.signal,
  };
}
