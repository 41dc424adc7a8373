import type { Store } from "../../../src/store/index.ts";
import { collect } from "../../support/runs.ts";
import type { ReadEntry } from "./model.ts";

/** A run's journal with its inputs as texts, and without the times. */
export async function readBack(store: Store, spaceId: string, runId: string): Promise<ReadEntry[]> {
  const entries = await collect(store.journal(runId));
  return Promise.all(
    entries.map(async ({ at: _, input, ...entry }) => ({
      ...entry,
      input: input === undefined ? undefined : await store.list(spaceId, input),
    })),
  );
}
