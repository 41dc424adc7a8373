import type { RunStatus } from "./store.ts";

/** The statuses that are for good. */
export const OVER: readonly RunStatus[] = ["completed", "failed", "cancelled"];

export function isOver(status: RunStatus): boolean {
  return OVER.includes(status);
}
