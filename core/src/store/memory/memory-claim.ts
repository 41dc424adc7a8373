/** Who holds the runs in memory. Each claim is one step, so of several one gets the run. */
import { isOver } from "../run-status.ts";
import type { Claim } from "../store.ts";
import type { MemoryDatabase, RunRows } from "./memory-database.ts";

/** Why the run is not this worker's to take; undefined if it is. */
export function whyNotMine(
  database: MemoryDatabase,
  { run }: RunRows,
  worker: string,
): Exclude<Claim, { readonly is: "mine" }> | undefined {
  const { status, workerId } = run;
  if (isOver(status)) return { is: "over", status };
  if (workerId === undefined || workerId === worker) return undefined;
  const expiresAt = database.workers.get(workerId)?.getTime() ?? 0;
  const expiresInMs = expiresAt - database.now().getTime();
  return expiresInMs > 0 ? { is: "held", workerId, expiresInMs } : undefined;
}

/** Raises the epoch, and returns it. */
export function takeRun(rows: RunRows, workerId: string | undefined): number {
  const epoch = rows.run.epoch + 1;
  rows.run = { ...rows.run, status: "running", why: undefined, epoch, workerId };
  return epoch;
}
