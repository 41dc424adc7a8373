/** One attempt at a run that this worker has claimed; and how it lets go of one that it cannot work on. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Adapter } from "../adapter/adapter.ts";
import { type ErrorCode, HoldfastError } from "../errors/index.ts";
import { type AttemptEnd, attempt } from "../run/attempt.ts";
import { mergePolicies, type Policies } from "../run/policies.ts";
import type { Why } from "../run/why.ts";
import type { Opened } from "../runtime/opened.ts";
import type { Entry, JournalWriter } from "../store/index.ts";
import { letGoOf } from "./let-go-of.ts";
import type { Member } from "./membership.ts";

export interface Work {
  readonly member: Member;
  readonly writer: JournalWriter;
  readonly adapter: Adapter;
  readonly app: unknown;
  readonly input: unknown;
  readonly options: unknown;
  readonly policies: Policies;
  /** What has been read of the run since it was claimed. Default: it is read. */
  readonly journal?: readonly Entry[] | undefined;
  /** Told the pieces of the app's stream; if nobody is, the app is not streamed. */
  readonly emit?: ((piece: unknown) => void) | undefined;
  /** Whether somebody is to be given what the app's framework gives when it waits. Default: false. */
  readonly returnsToWait?: boolean;
  /** Aborted when this process lets go at once, */
  readonly signal: AbortSignal;
  /** when it does so after what is under way, */
  readonly drain: AbortSignal;
  /** and when others could use the run's place in memory. Default: never. */
  readonly wanted?: AbortSignal;
}

/** Reasons for which a run is lost that trying again can mend. */
const MAY_PASS: ReadonlySet<ErrorCode> = new Set([
  "RUN_TAKEN_OVER",
  "STORE_UNAVAILABLE",
  "WORKER_LOST",
]);

/** Rejects if the run could not be read: it is still this worker's then. */
export function workOn(opened: Opened, work: Work): Promise<AttemptEnd> {
  const {
    member,
    writer,
    adapter,
    app,
    input,
    options,
    journal,
    emit,
    drain,
    wanted,
    returnsToWait = false,
  } = work;
  return attempt({
    ...opened,
    writer,
    journal,
    policies: mergePolicies(opened.policies, work.policies),
    worker: member.worker,
    certain: () => member.certain(),
    signal: AbortSignal.any([work.signal, member.lost]),
    drain,
    returnsToWait,
    ...(wanted && { wanted }),
    listen: (after, hear) => opened.poller.listen(writer.runId, after, hear),
    program: (run) => {
      const call = { app, input, options, run };
      if (emit === undefined || adapter.stream === undefined) return adapter.execute(call);
      return adapter.stream({ ...call, emit });
    },
  });
}

/** Of a run that was lost for a reason that stays: why. */
export function lastingLoss(end: AttemptEnd): Error | undefined {
  if (end.is !== "lost" || end.error === undefined) return undefined;
  return MAY_PASS.has(end.error.code) ? undefined : end.error;
}

/** Whether the run is somebody else's by now, as far as this is the reason. */
export function isWithOthers(error: HoldfastError | undefined): boolean {
  return error === undefined || error.code === "RUN_TAKEN_OVER" || error.code === "WORKER_LOST";
}

/** How soon it is tried again to let go, beyond the patience of the store itself. */
const LET_GO_AGAIN_MS = 1_000;

/**
 * Lets others have a run that could not be worked on here, after a while. Until that is durable nobody else
 * could, since this worker lives: so it is tried until it is, or the worker is none any more.
 */
export async function leave(
  opened: Opened,
  work: Pick<Work, "member" | "writer">,
  how: { readonly error: unknown; readonly readyInMs: number },
): Promise<void> {
  const { member, writer } = work;
  const { error: cause, readyInMs } = how;
  const explanation = cause instanceof Error ? cause.message : String(cause);
  const reason: Why = { reason: "back-off", explanation };
  const why = opened.codec.encode(reason).text;
  for (;;) {
    try {
      await letGoOf(opened.store, writer, { why, readyInMs });
      return;
    } catch (error) {
      if (!HoldfastError.is(error, "STORE_UNAVAILABLE")) return;
      if (member.lost.aborted || opened.ended.aborted) return;
      const { runId } = writer;
      opened.logger.warn(`Could not let go of run ${runId}; trying again.`, { runId, error });
      await sleep(LET_GO_AGAIN_MS, undefined, { ref: false });
    }
  }
}
