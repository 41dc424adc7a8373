/**
 * Lets a process that is new to a space share what is stored there. Without it every process would
 * write the hashes of a whole conversation once, and a chat served by many would grow quadratically.
 */
import type { Pool } from "pg";
import { HASH_BYTES } from "../content/list-plan.ts";
import { readRecentLists } from "../content/read-list.ts";
import type { SpaceMemories } from "../content/space-memory.ts";
import type { PendingRow } from "./row.ts";

/** Shorter lists cost less to write anew than to look for. */
const WORTH_LOOKING = 16;
const RECENT = 2;

/** Reads the newest lists of each space of the batch that is to take a long list and is not known yet. */
export async function warmUp(
  pool: Pool,
  batch: readonly PendingRow[],
  memories: SpaceMemories,
): Promise<void> {
  for (const { hold, row } of batch) {
    if (row.list === null || row.list.hashes.length < WORTH_LOOKING * HASH_BYTES) continue;
    const memory = memories.of(hold.spaceId, hold.sweeps);
    if (memory.warm) continue;
    for (const list of await readRecentLists(pool, hold.spaceId, RECENT)) {
      memory.learnItems(list.hashes);
      memory.learnList(list);
    }
    memory.warm = true;
  }
}
