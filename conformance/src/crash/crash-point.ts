/** Where a process dies. */
export type CrashPoint =
  /** At its n-th write, from 1: before it is durable, or when it is and before anybody hears so. */
  | { readonly write: number; readonly when: "before" | "after" }
  /**
   * In the body of a step, when its n-th effect, from 1, has just happened. `announced`: the journal
   * has it by then that the step was started.
   */
  | { readonly effect: number; readonly announced: boolean };

export function printPoint(point: CrashPoint): string {
  if ("write" in point) return `${point.when} write ${point.write}`;
  return `in effect ${point.effect}${point.announced ? ", announced" : ""}`;
}
