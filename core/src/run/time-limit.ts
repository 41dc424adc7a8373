/** Gives a try of a step's body a time limit. What comes after it is told, and never returned. */
import { HoldfastError } from "../errors/index.ts";
import type { Scheduler, StepInside } from "../journal/index.ts";

/** Rejects with STEP_TIMED_OUT and aborts the body's signal when the limit is over. */
export async function limitTime<T>(
  running: Promise<T>,
  inside: StepInside,
  limit: { readonly name: string; readonly ms: number; readonly scheduler: Scheduler },
): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const cancel = limit.scheduler.after(limit.ms, () => {
    const error = timedOut(limit.name, limit.ms);
    reject(error);
    inside.abort(error);
  });
  // Nobody waits for a body that was left: nor does its timer.
  inside.signal.addEventListener("abort", cancel, { once: true });
  try {
    return await Promise.race([running, over]);
  } finally {
    cancel();
  }
}

function timedOut(name: string, ms: number): HoldfastError {
  return new HoldfastError("STEP_TIMED_OUT", `Step "${name}" took longer than ${ms} ms.`, {
    hint: "Raise the step's timeout, or let its body end when `currentStep().signal` is aborted.",
    details: { name, timeout: ms },
  });
}
