/** How a run stands, for people: its status, and if it does not move, why. */
import type { Codec } from "../codec/index.ts";
import { sentence, type Why } from "../run/why.ts";
import type { Run, RunStatus, WorkerState } from "../store/index.ts";
import { isOver } from "../store/run-status.ts";
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
  const [report] = await runReports(opened, [run]);
  return report!;
}

/** Of many runs at once. */
export async function runReports(
  { store, codec }: Opened,
  runs: readonly Run[],
): Promise<readonly RunReport[]> {
  const workers = runs.every(({ status }) => isOver(status)) ? [] : await store.workers();
  return runs.map((run) => {
    const { runId: id, app, queue, status, createdAt } = run;
    const why = isOver(status) ? undefined : whyOf(run, workers, codec);
    const report = { id, app, queue, status, createdAt };
    return why === undefined ? report : { ...report, why, sentence: sentence(why) };
  });
}

function whyOf(run: Run, workers: readonly WorkerState[], codec: Codec): Why | undefined {
  const { workerId, readyInMs, app, queue } = run;
  if (workerId !== undefined) {
    const { host, pid, expiresInMs = 0 } = workers.find(({ id }) => id === workerId) ?? {};
    if (expiresInMs <= 0) return { reason: "dead worker", app, host, pid, expiresInMs };
  }
  const isReady = readyInMs !== undefined && readyInMs <= 0;
  if (!isReady) return reasonOf(run, codec);
  const serving = workers.filter((worker) => isServedBy(worker, run));
  if (serving.length === 0) return { reason: "no worker", app, queue };
  if (-readyInMs < SOON_CLAIMED_MS) return undefined;
  return { reason: "busy", app, queue, workers: serving.length };
}

/** As its last owner gave it. */
function reasonOf({ why: text, readyInMs }: Run, codec: Codec): Why | undefined {
  if (text === undefined) return undefined;
  const why = codec.decode(text) as Why;
  if (why.reason !== "back-off" || readyInMs === undefined) return why;
  return { ...why, until: new Date(Date.now() + readyInMs) };
}
