import { bucketOf, type JournalWriter, newId, type Store } from "@holdfast/core/store";

/** A run taken hold of, in the space given or in one of its own. */
export async function newRun(store: Store, spaceId: string = newId()): Promise<JournalWriter> {
  const runId = newId(bucketOf(spaceId));
  await store.createRun({ runId, spaceId, namespace: "bench", app: "bench" });
  return store.takeOver(runId);
}
