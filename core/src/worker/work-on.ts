/**
 * One attempt at a run that this worker has claimed. Invariant: however it ends, nobody has to wait for
 * this worker any more, unless it still works on the run.
 */
import type { Adapter } from "../adapter/adapter.ts";
import type { ErrorCode } from "../errors/index.ts";
import { type AttemptEnd, attempt } from "../run/attempt.ts";
import { mergePolicies, type Policies } from "../run/policies.ts";
import type { Why } from "../run/why.ts";
import type { Opened } from "../runtime/opened.ts";
import type { JournalWriter } from "../store/index.ts";
import type { Member } from "./membership.ts";

export interface Work {
  readonly member: Member;
  readonly writer: JournalWriter;
  readonly adapter: Adapter;
  readonly app: unknown;
  readonly input: unknown;
  readonly options: unknown;
  readonly policies: Policies;
  /** Aborted when this process lets go at once, */
  readonly signal: AbortSignal;
  /** and when it does so after what is under way. */
  readonly drain: AbortSignal;
}

/** Reasons for which a run is lost that trying again can mend. */
const MAY_PASS: ReadonlySet<ErrorCode> = new Set([
  "RUN_TAKEN_OVER",
  "STORE_UNAVAILABLE",
  "WORKER_LOST",
]);

export async function workOn(opened: Opened, work: Work): Promise<AttemptEnd> {
  const { member, writer, adapter, app, input, options, drain } = work;
  const { runId } = writer;
  try {
    return await attempt({
      ...opened,
      writer,
      policies: mergePolicies(opened.policies, work.policies),
      worker: member.worker,
      signal: AbortSignal.any([work.signal, member.lost]),
      drain,
      listen: (after, hear) => opened.poller.listen(runId, after, hear),
      program: (run) => adapter.execute({ app, input, options, run }),
    });
  } catch (error) {
    // Without effect if somebody has the run by then.
    void writer.putState({ status: "queued", release: true }).catch(() => {});
    throw error;
  }
}

/** Of a run that was lost for a reason that stays: why. */
export function lastingLoss(end: AttemptEnd): Error | undefined {
  if (end.is !== "lost" || end.error === undefined) return undefined;
  return MAY_PASS.has(end.error.code) ? undefined : end.error;
}

/** Lets others have a run that cannot be written by the one who had it: it would lose it again. */
export async function leave(
  { store, codec }: Opened,
  { member, writer }: Pick<Work, "member" | "writer">,
  { error, readyInMs }: { readonly error: unknown; readonly readyInMs: number },
): Promise<void> {
  const claim = await store.claim(writer.runId, member.worker.id);
  if (claim.is !== "mine") return;
  const explanation = error instanceof Error ? error.message : String(error);
  const why: Why = { reason: "back-off", explanation };
  const state = { status: "queued", release: true, readyInMs } as const;
  await claim.writer.putState({ ...state, why: codec.encode(why).text });
}
