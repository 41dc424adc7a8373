import type { Entry, Store } from "../store/index.ts";

/** The whole journal of a run. */
export async function journalOf(store: Store, runId: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of store.journal(runId)) entries.push(entry);
  return entries;
}
