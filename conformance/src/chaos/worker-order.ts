import type { RuntimeOptions } from "@holdfast/core";

/** What a worker process of the chaos is told, by its environment. */
export interface WorkerOrder {
  readonly concurrency: number;
  readonly options: Pick<RuntimeOptions, "hotPeriod" | "lease">;
}

export const WORKER_ORDER = "HOLDFAST_CHAOS_WORKER";
