import type { Entry } from "@holdfast/core/store";

/** How many processes have had the run, by its journal. */
export function processesOf(journal: readonly Entry[]): number {
  const attempts = journal.filter(({ entry }) => entry === "attempt");
  return new Set(attempts.map(({ value }) => (JSON.parse(value!) as { pid: number }).pid)).size;
}
