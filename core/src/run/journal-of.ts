import type { Entry, ReadOptions, Store } from "../store/index.ts";

/** The journal of a run, as a whole. */
export async function journalOf(
  store: Store,
  runId: string,
  options: ReadOptions = {},
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of store.journal(runId, options)) entries.push(entry);
  return entries;
}
