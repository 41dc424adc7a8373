import { HoldfastError } from "../errors/index.ts";
import { currentRun } from "../run/run-context.ts";
import { ask } from "./ask.ts";

/**
 * Sleeps for so many milliseconds, or until a date, by the database's clock: through restarts, without
 * a process that waits. A date that has passed is no wait at all.
 */
export async function sleep(until: number | Date): Promise<void> {
  const run = currentRun("sleep()");
  const isDate = until instanceof Date;
  const dueInMs = isDate ? until.getTime() - Date.now() : until;
  if (typeof dueInMs !== "number" || Number.isNaN(dueInMs) || dueInMs === Infinity) {
    throw new HoldfastError("OPTION_INVALID", `sleep() was given ${String(until)}.`, {
      hint: "Give a number of milliseconds, or a valid Date.",
      details: { until: String(until) },
    });
  }
  // A date is often computed from the clock: it would not be the same in the next execution.
  const identity = isDate ? "date" : until;
  const asked = { until: new Date(Date.now() + dueInMs) };
  await ask(run, { kind: "timer", name: "sleep", asked, identity, dueInMs });
}
