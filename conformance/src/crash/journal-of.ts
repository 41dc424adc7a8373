/** The journal of a run, as data and for people. */
import type { Entry, Store } from "@holdfast/core/store";

/** Empty as long as the run was not made. */
export async function journalOf(store: Store, runId: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  // In a thread a run has an id of its own.
  const run = await store.run(runId);
  if (run === undefined) return entries;
  for await (const entry of store.journal(run.runId)) entries.push(entry);
  return entries;
}

export function printJournal(journal: readonly Entry[]): string {
  return journal
    .map(({ seq, epoch, entry, step, kind, name, scope, value }) =>
      [`${seq}`, `epoch ${epoch}`, entry, step, kind, name, scope, value?.slice(0, 120)]
        .filter((part) => part !== undefined)
        .join(" "),
    )
    .join("\n");
}
