/** Who holds the runs in memory. Each claim is one step, so of several one gets the run. */
import { isOver } from "../run-status.ts";
import type { Claim } from "../runs/claim.ts";
import type { Run } from "../runs/run.ts";
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
  const expiresAt = database.workers.get(workerId)?.expiresAt.getTime() ?? 0;
  const expiresInMs = expiresAt - database.now().getTime();
  return expiresInMs > 0 ? { is: "held", workerId, expiresInMs } : undefined;
}

/** Raises the epoch, and returns it. */
export function takeRun(
  database: MemoryDatabase,
  rows: RunRows,
  workerId: string | undefined,
): number {
  const epoch = rows.run.epoch + 1;
  const status = workerId === undefined ? "queued" : "running";
  rows.run = { ...rows.run, status, why: undefined, blocked: undefined, epoch, workerId };
  rows.readyAt = workerId === undefined ? inAWhile(database) : undefined;
  return epoch;
}

/** How long nobody claims by itself what is about to be given a state, or to be claimed. */
export function inAWhile({ now }: MemoryDatabase): Date {
  return new Date(now().getTime() + 10_000);
}

/** As a handle gives it out. */
export function toRun({ now }: MemoryDatabase, { run, readyAt }: RunRows): Run {
  return { ...run, readyInMs: readyAt && readyAt.getTime() - now().getTime() };
}
