import type { RunStatus } from "./runs/run.ts";

/** The statuses that are for good. */
export const OVER: readonly RunStatus[] = ["completed", "failed", "cancelled"];

/** The same, to stand in an `in (…)`. */
export const OVER_SQL: string = OVER.map((status) => `'${status}'`).join(", ");

export function isOver(status: RunStatus): boolean {
  return OVER.includes(status);
}
