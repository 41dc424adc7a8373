/** How a run stands, for people: its status, and if it does not move, why. */
import { sentence, type Why } from "../run/why.ts";
import type { Run, RunStatus } from "../store/index.ts";
import { isServedBy } from "../worker/serves.ts";
import type { Opened } from "./opened.ts";

export interface RunReport {
  readonly id: string;
  readonly app: string;
  readonly queue: string;
  readonly status: RunStatus;
  /** Why it does not move, if it does not. */
  readonly why?: Why;
  /** The same in a sentence. */
  readonly sentence?: string;
  readonly createdAt: Date;
}

/** After this long, a run that is ready and that somebody serves is one there is no room for. */
const SOON_CLAIMED_MS = 1_000;

export async function runReport(opened: Opened, run: Run): Promise<RunReport> {
  const { runId: id, app, queue, status, createdAt } = run;
  const why = await whyOf(opened, run);
  const report = { id, app, queue, status, createdAt };
  return why === undefined ? report : { ...report, why, sentence: sentence(why) };
}

async function whyOf({ store, codec }: Opened, run: Run): Promise<Why | undefined> {
  const { status, workerId, readyInMs, app, queue } = run;
  if (status === "running") {
    const worker = (await store.workers()).find(({ id }) => id === workerId);
    if (worker !== undefined && worker.expiresInMs > 0) return undefined;
    const { host, pid, expiresInMs = 0 } = worker ?? {};
    return { reason: "dead worker", app, host, pid, expiresInMs };
  }
  const isReady = readyInMs !== undefined && readyInMs <= 0;
  if (run.why !== undefined && !isReady) return codec.decode(run.why) as Why;
  if (!isReady) return undefined;
  const serving = (await store.workers()).filter((worker) => isServedBy(worker, run));
  if (serving.length === 0) return { reason: "no worker", app, queue };
  if (-readyInMs < SOON_CLAIMED_MS) return undefined;
  return { reason: "busy", app, queue, workers: serving.length };
}
