/** Looks over many runs in memory. */
import { isOver } from "../run-status.ts";
import type { Run, RunFilter, Standing } from "../runs/run.ts";
import type { WaitForEnd } from "../waits/wait.ts";
import { toRun } from "./memory-claim.ts";
import { openWaits } from "./memory-control.ts";
import type { MemoryDatabase } from "./memory-database.ts";

export function listRuns(
  database: MemoryDatabase,
  { namespace, app, status, limit, before }: RunFilter,
): readonly Run[] {
  return [...database.runs.values()]
    .map((rows) => toRun(database, rows))
    .filter((run) => run.namespace === namespace && run.app === (app ?? run.app))
    .filter((run) => run.status === (status ?? run.status))
    .sort(newestFirst)
    .filter((run) => before === undefined || newestFirst(before, run) < 0)
    .slice(0, limit);
}

type Place = Pick<Run, "runId" | "createdAt">;

function newestFirst(a: Place, b: Place): number {
  const apart = b.createdAt.getTime() - a.createdAt.getTime();
  if (apart !== 0 || a.runId === b.runId) return apart;
  return a.runId < b.runId ? 1 : -1;
}

export function standingsOf(
  { runs, workers, now }: MemoryDatabase,
  runIds: readonly string[],
): readonly Standing[] {
  return runIds.flatMap((runId) => {
    const run = runs.get(runId)?.run;
    if (run === undefined) return [];
    const { status, epoch, workerId = "" } = run;
    const expiresAt = workers.get(workerId)?.expiresAt.getTime() ?? 0;
    return [{ runId, status, epoch, isHeld: expiresAt > now().getTime() }];
  });
}

export function waitsForEnd(
  { runs, now }: MemoryDatabase,
  of: string | undefined,
): readonly WaitForEnd[] {
  return [...runs.values()].flatMap((rows) =>
    openWaits(rows, now())
      .filter(({ kind, name }) => kind === "child" && name === (of ?? name))
      .filter(({ name }) => isOver(runs.get(name)?.run.status ?? "queued"))
      .map(({ seq, name }) => ({ runId: rows.run.runId, seq, of: name })),
  );
}
