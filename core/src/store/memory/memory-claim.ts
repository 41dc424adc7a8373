/** Who holds the runs in memory. Each claim is one step, so of several one gets the run. */
import { isOver } from "../run-status.ts";
import type { Claim } from "../runs/claim.ts";
import type { Run } from "../runs/run.ts";
import type { MemoryDatabase, RunRows } from "./memory-database.ts";

/** Why the run is not this worker's to take; undefined if it is. */
export function whyNotMine(
  database: MemoryDatabase,
  rows: RunRows,
  worker: string,
): Exclude<Claim, { readonly is: "mine" }> | undefined {
  const { status, workerId } = rows.run;
  if (isOver(status)) return { is: "over", status };
  const holder = workerId === worker ? undefined : holderOf(database, rows);
  return holder && { is: "held", ...holder };
}

/** The worker that lives and holds it, and how long it lives at least. */
export function holderOf(
  database: MemoryDatabase,
  { run: { workerId } }: RunRows,
): { readonly workerId: string; readonly expiresInMs: number } | undefined {
  if (workerId === undefined) return undefined;
  const expiresAt = database.workers.get(workerId)?.expiresAt.getTime() ?? 0;
  const expiresInMs = expiresAt - database.now().getTime();
  return expiresInMs > 0 ? { workerId, expiresInMs } : undefined;
}

/** In whose name a space is amended: of the one that is not over, else of the newest. */
export function inWhoseName(runs: readonly RunRows[]): RunRows | undefined {
  return runs.findLast(({ run }) => !isOver(run.status)) ?? runs.at(-1);
}

/** Ends what earlier writers of a run write. */
export function raiseEpoch(rows: RunRows): void {
  rows.run = { ...rows.run, epoch: rows.run.epoch + 1 };
}

export function takeRun(
  database: MemoryDatabase,
  rows: RunRows,
  workerId: string | undefined,
): void {
  raiseEpoch(rows);
  const status = workerId === undefined ? "queued" : "running";
  rows.run = { ...rows.run, status, why: undefined, blocked: undefined, workerId };
  rows.readyAt = workerId === undefined ? inAWhile(database) : undefined;
}

/** How long nobody claims by itself what is about to be given a state, or to be claimed. */
export function inAWhile({ now }: MemoryDatabase): Date {
  return new Date(now().getTime() + 10_000);
}

/** As a handle gives it out. */
export function toRun({ now }: MemoryDatabase, { run, readyAt }: RunRows): Run {
  return { ...run, readyInMs: readyAt && readyAt.getTime() - now().getTime() };
}
