import type { Entry, ReadOptions, Store } from "../store/index.ts";
import { runNotFound } from "../store/store-errors.ts";

/** The journal of a run, as a whole. Rejects with RUN_NOT_FOUND if the run is gone. */
export async function journalOf(
  store: Store,
  runId: string,
  options: ReadOptions = {},
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of store.journal(runId, options)) entries.push(entry);
  // By its space alone it would look like one that has not begun.
  if (entries.length === 0 && (await store.run(runId)) === undefined) throw runNotFound(runId);
  return entries;
}
