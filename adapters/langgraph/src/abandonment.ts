/**
 * Calls that are waited for only as long as their signal allows: a time limit of a chain, a fallback, an
 * abort by whoever called. LangChain goes on without the result then, so that is what the journal keeps,
 * and a result that comes later is never handed out. Not so if all of the task is given up, because a
 * node beside it failed, its time is over or the run is aborted: then nothing came of the call.
 */
import type { RunContext, StepCall } from "@holdfast/core/adapter";
import { TaskScopes } from "./task-scope.ts";

export interface Abandonment extends Pick<StepCall<never>, "abandoned" | "leaves"> {
  /** To be called when the call is over. */
  end(): void;
}

/** @param isControl whether what was thrown means that the graph goes elsewhere, and is no outcome */
export function abandonment(
  run: RunContext,
  { signal, policy, isControl = () => false }: AbandonableCall,
): Abandonment {
  // A call that must not be repeated unasked has come to something, whatever it is.
  const mayRepeat = policy?.inDoubt === undefined || policy.inDoubt === "retry";
  const isTaskOver = TaskScopes.of(run).overCheck();
  const leaves = (thrown: unknown) => isControl(thrown) || (mayRepeat && isTaskOver());
  if (signal === undefined || signal.aborted) return { leaves, end() {} };
  const { promise: abandoned, resolve } = Promise.withResolvers<unknown>();
  const abort = () => {
    if (!isTaskOver()) resolve(reasonOf(signal));
  };
  signal.addEventListener("abort", abort, { once: true });
  return { abandoned, leaves, end: () => signal.removeEventListener("abort", abort) };
}

interface AbandonableCall {
  readonly signal: AbortSignal | undefined;
  readonly policy: StepCall<never>["policy"] | undefined;
  readonly isControl?: (thrown: unknown) => boolean;
}

/** As LangChain rejects what it does not wait for any more. */
function reasonOf({ reason }: AbortSignal): unknown {
  if (reason instanceof Error) return reason;
  return new Error(typeof reason === "string" ? reason : "Aborted");
}
