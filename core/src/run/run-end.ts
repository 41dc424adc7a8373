import type { Entry } from "../store/index.ts";

/**
 * How a run ended of which only the journal says that it did: its process died before it could set
 * the status. A failure that was taken back, so that the run goes on, is none.
 */
export function endOf(journal: readonly Entry[]): "completed" | "failed" | undefined {
  const last = journal.findLast(
    ({ entry }) => entry === "run completed" || entry === "run failed" || entry === "superseded",
  )?.entry;
  if (last === "run completed") return "completed";
  return last === "run failed" ? "failed" : undefined;
}
