/** Removes rows from memory. Nothing is under way there, so each removal is one step. */
import type { ListId } from "../content/value.ts";
import type { MemoryDatabase, RunRows, SpaceRows } from "./memory-database.ts";

/** Removes a run, and the lists that only it referred to. */
export function pruneRows(database: MemoryDatabase, pruned: RunRows): void {
  const { space } = pruned;
  dropRun(database, pruned.run.runId);
  space.runs.delete(pruned);
  const live = new Set<ListId | undefined>();
  for (const { entries } of space.runs) for (const { input } of entries) live.add(input);
  for (const { list } of space.sessions.values()) live.add(list);
  for (const list of space.lists.keys()) if (!live.has(list)) space.lists.delete(list);
}

/** Empties a space and leaves its tombstone. Returns whether it was living. */
export function deleteSpaceRows(database: MemoryDatabase, space: SpaceRows): boolean {
  if (space.deletedAt !== undefined) return false;
  space.deletedAt = database.now();
  for (const { run } of space.runs) dropRun(database, run.runId);
  for (const rows of [space.runs, space.lists, space.sessions]) rows.clear();
  return true;
}

/** Takes tombstones that have stood for `graceMs`. Returns how many. */
export function sweepTombstones(database: MemoryDatabase, graceMs: number): number {
  const latest = database.now().getTime() - graceMs;
  let swept = 0;
  for (const [spaceId, { deletedAt }] of database.spaces) {
    if (deletedAt === undefined || deletedAt.getTime() > latest) continue;
    database.spaces.delete(spaceId);
    swept += 1;
  }
  return swept;
}

function dropRun({ runs, names }: MemoryDatabase, runId: string): void {
  runs.delete(runId);
  for (const [name, of] of names) if (of === runId) names.delete(name);
}
