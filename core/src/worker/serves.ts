/** What a worker says of itself, for whoever wonders why a run waits. */
import type { Run, Served, WorkerState } from "../store/index.ts";

export interface Serves extends Served {
  readonly concurrency: number;
  /** The apps for whose runs it makes options anew. */
  readonly rebuilds: readonly string[];
}

type Kind = Pick<Run, "namespace" | "app" | "queue">;

/** Whether this worker, as far as is known, lives and takes up such runs. */
export function isServedBy(worker: WorkerState, kind: Kind): boolean {
  return servedBy(worker, kind).length > 0;
}

/** Whether it also makes their options anew. */
export function isRebuiltBy(worker: WorkerState, kind: Kind): boolean {
  return servedBy(worker, kind).some(({ rebuilds }) => rebuilds.includes(kind.app));
}

function servedBy(
  { serves, expiresInMs }: WorkerState,
  { namespace, app, queue }: Kind,
): readonly Serves[] {
  if (serves === undefined || expiresInMs <= 0) return [];
  return (JSON.parse(serves) as readonly Serves[]).filter(
    (one) => one.namespace === namespace && one.apps.includes(app) && one.queues.includes(queue),
  );
}
