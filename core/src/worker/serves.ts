/** What a worker says of itself, for whoever wonders why a run waits. */
import type { Run, Served, WorkerState } from "../store/index.ts";

export interface Serves extends Served {
  readonly concurrency: number;
}

/** Whether this worker, as far as is known, lives and takes up such runs. */
export function isServedBy(
  { serves, expiresInMs }: WorkerState,
  { namespace, app, queue }: Pick<Run, "namespace" | "app" | "queue">,
): boolean {
  if (serves === undefined || expiresInMs <= 0) return false;
  return (JSON.parse(serves) as readonly Serves[]).some(
    (one) => one.namespace === namespace && one.apps.includes(app) && one.queues.includes(queue),
  );
}
