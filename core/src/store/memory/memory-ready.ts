/** Which runs in memory may be claimed, and what makes them so. */
import type { StateRow } from "../append/row.ts";
import type { Hint } from "../hints/hint.ts";
import { isOver } from "../run-status.ts";
import type { ReadyOrder, Served } from "../runs/claim.ts";
import type { Suspect } from "../workers/worker.ts";
import type { MemoryDatabase, RunRows } from "./memory-database.ts";

/** Those a worker gets, in their order. */
export function readyRuns(database: MemoryDatabase, order: ReadyOrder): readonly RunRows[] {
  const now = database.now().getTime();
  return waitingFor(database, order)
    .filter(({ run, readyAt }) => run.workerId === undefined && readyAt!.getTime() <= now)
    .slice(0, order.limit);
}

/** When the next one is ready; nothing if none will be by itself. */
export function nextReadyInMs(database: MemoryDatabase, served: Served): number | undefined {
  const [next] = waitingFor(database, served);
  return next && Math.max(0, next.readyAt!.getTime() - database.now().getTime());
}

function waitingFor(database: MemoryDatabase, served: Served): readonly RunRows[] {
  return [...database.runs.values()]
    .filter(({ run, readyAt }) => readyAt !== undefined && serves(served, run))
    .sort((a, b) => a.readyAt!.getTime() - b.readyAt!.getTime());
}

function serves({ namespace, apps, queues }: Served, run: RunRows["run"]): boolean {
  return namespace === run.namespace && apps.includes(run.app) && queues.includes(run.queue);
}

/** When a run is ready that is given this state. One that is not let go of stays as it is. */
export function readyAfter(
  database: MemoryDatabase,
  { run, control, waits, readyAt }: RunRows,
  { status, release, readyInMs, heardUpTo, blocked }: StateRow,
): Date | undefined {
  if (isOver(status)) return undefined;
  const now = database.now();
  const isWaiting = status === "waiting";
  if (!release) return readyAt ?? (run.workerId === undefined && !isWaiting ? now : undefined);
  if (!isWaiting) return new Date(now.getTime() + readyInMs);
  if (heardUpTo !== null && control.length > heardUpTo) return now;
  if (blocked !== null) return undefined;
  const answered = new Set(control.map(({ key }) => key));
  const dues = [...waits.values()]
    .filter(({ seq, isClosed }) => !isClosed && !answered.has(`wait/${seq}`))
    .flatMap(({ dueAt }) => (dueAt === undefined ? [] : [dueAt.getTime()]));
  return dues.length === 0 ? undefined : new Date(Math.min(...dues));
}

export function unblockRuns(database: MemoryDatabase, served: Served): number {
  const blocked = [...database.runs.values()].filter(
    ({ run, readyAt }) =>
      serves(served, run) &&
      run.blocked !== undefined &&
      run.blocked !== "paused" &&
      readyAt === undefined &&
      run.workerId === undefined,
  );
  for (const rows of blocked) rows.readyAt = database.now();
  return blocked.length;
}

/** What a worker held that is none any more: others may have it. */
export function releaseRunsOf(database: MemoryDatabase, workerId: string): void {
  for (const rows of database.runs.values()) {
    if (rows.run.workerId !== workerId) continue;
    const queued = { status: "queued", why: undefined, blocked: undefined } as const;
    rows.run = { ...rows.run, ...queued, workerId: undefined };
    rows.readyAt = database.now();
    tell(database, { ready: [rows.run.app] });
  }
}

/** In memory only a lease says that a worker is dead. */
export function expiredWorkers(database: MemoryDatabase): readonly Suspect[] {
  const now = database.now().getTime();
  return [...database.workers.values()]
    .filter(({ expiresAt }) => expiresAt.getTime() <= now)
    .map(({ id, beats }) => ({ workerId: id, beats, why: "expired" }));
}

export function buryWorker(database: MemoryDatabase, { workerId }: Suspect): boolean {
  const worker = database.workers.get(workerId);
  if (worker === undefined || worker.expiresAt.getTime() > database.now().getTime()) return false;
  database.workers.delete(workerId);
  releaseRunsOf(database, workerId);
  return true;
}

export function tell({ listeners }: MemoryDatabase, hint: Hint): void {
  for (const hear of [...listeners]) hear(hint);
}
