/**
 * Works on a run that a worker claimed by itself. Invariant: when this is through, nobody has to wait for
 * the worker any more: the run is over, waits, is somebody else's, or ready for others.
 */
import { journalOf } from "../run/journal-of.ts";
import { isOrder, Orders } from "../run/orders.ts";
import { putCancelled } from "../run/run-end.ts";
import { sentence, type Why } from "../run/why.ts";
import { answerAfter } from "../runtime/child-result.ts";
import type { Opened } from "../runtime/opened.ts";
import { type StoredOrder, storedOrder } from "../runtime/run-order.ts";
import type { Control, Entry, JournalWriter, Run } from "../store/index.ts";
import type { Member } from "./membership.ts";
import { type RebuiltOptions, rebuiltOptions } from "./rebuilt-options.ts";
import type { LoadedApp } from "./served-apps.ts";
import { isRebuiltBy } from "./serves.ts";
import { unlessAborted } from "./unless-aborted.ts";
import { isWithOthers, leave, workOn } from "./work-on.ts";

export interface ClaimedRun {
  readonly opened: Opened;
  readonly served: LoadedApp;
  readonly member: Member;
  readonly run: Run;
  readonly writer: JournalWriter;
  /** Aborted when this process lets go at once, */
  readonly signal: AbortSignal;
  /** when it does so after what is under way, */
  readonly drain: AbortSignal;
  /** and when others could use its place. */
  readonly wanted: AbortSignal;
  /** How long nobody is to try it again, if it could not be worked on. */
  backOffMs(): number;
}

/** How it went, for the worker. `left to others`: they can do what it cannot. */
export type Worked = "done" | "failed" | "left to others";

export async function workOnClaimed(claimed: ClaimedRun): Promise<Worked> {
  const { opened, served, member, run, writer, signal } = claimed;
  try {
    const { runId, spaceId } = run;
    const journal = await journalOf(opened.store, runId, { spaceId });
    const order = storedOrder(opened, journal);
    const rebuilt = await rebuild(claimed, order, journal);
    if (rebuilt.missing.length > 0) return await refuse(claimed, rebuilt, journal);
    const { adapter, app } = served;
    const { input } = order;
    const end = await workOn(opened, { ...claimed, ...rebuilt, adapter, app, input, journal });
    // Of other runs than its parent those that look for what is over find it.
    if (run.parentId !== undefined || end.is === "waiting") {
      await answerAfter(opened, run.runId, end);
    }
    if (end.is !== "lost" || isWithOthers(end.error)) return "done";
    return await fail(claimed, end.error);
  } catch (error) {
    if (member.lost.aborted) return "done";
    if (!signal.aborted) return fail(claimed, error);
    await writer.putState({ status: "queued", release: true });
    return "done";
  }
}

/** Its options; if it is not to go on before they are made, none, and that nothing of it is to begin. */
async function rebuild(
  { opened, served, member, run, signal, drain }: ClaimedRun,
  order: StoredOrder,
  journal: readonly Entry[],
): Promise<RebuiltOptions & { readonly drain: AbortSignal }> {
  // Nobody's code, which can take long.
  if (served.options === undefined) return { ...(await rebuiltOptions(served, run, order)), drain };
  const { store, codec, poller } = opened;
  const { runId } = run;
  const said = await store.said(runId);
  const orders = new Orders(codec, journal);
  const hear = (control: Control) => {
    if (isOrder(control)) orders.hear(control);
  };
  for (const control of said) hear(control);
  const ordered = new AbortController();
  orders.follow(() => {
    if (orders.isToStop) ordered.abort();
  });
  const unlisten = poller.listen(runId, said.at(-1)?.seq ?? 0, hear);
  const stop = AbortSignal.any([signal, member.lost, drain, ordered.signal]);
  try {
    stop.throwIfAborted();
    return { ...(await unlessAborted(stop, rebuiltOptions(served, run, order))), drain };
  } catch (error) {
    if (!stop.aborted) throw error;
    return { options: undefined, policies: {}, missing: [], drain: stop };
  } finally {
    unlisten();
  }
}

async function fail(claimed: ClaimedRun, error: unknown): Promise<Worked> {
  const { opened, run, backOffMs } = claimed;
  const { runId } = run;
  const reason = error instanceof Error ? error.message : String(error);
  opened.logger.error(`Run ${runId} could not be worked on: ${reason}`, { runId, error });
  await leave(opened, claimed, { error, readyInMs: backOffMs() });
  return "failed";
}

/** It waits for a worker that can do more, or is left to one that is there. */
async function refuse(
  { opened, served, run, writer }: ClaimedRun,
  { missing }: RebuiltOptions,
  journal: readonly Entry[],
): Promise<Worked> {
  const { store, codec, logger } = opened;
  const { runId, app, queue, namespace } = run;
  const said = await store.said(runId);
  const orders = new Orders(codec, journal);
  for (const order of said.filter(isOrder)) orders.hear(order);
  if (orders.cancellation !== undefined) {
    await putCancelled(writer, codec, orders.cancellation);
    return "done";
  }
  const isForOthers = async () =>
    served.options === undefined &&
    (await store.workers()).some((worker) => isRebuiltBy(worker, run));
  if (await isForOthers()) {
    await writer.putState({ status: "queued", release: true });
    return "left to others";
  }
  const why: Why = { reason: "options", app, missing };
  logger.warn(sentence(why), { runId });
  const { text } = codec.encode(why);
  const state = { status: "waiting", why: text, blocked: why.reason, release: true } as const;
  await writer.putState({ ...state, heardUpTo: said.at(-1)?.seq ?? 0 });
  // One that came just now has looked for such runs before this was one.
  if (await isForOthers()) await store.unblock({ namespace, apps: [app], queues: [queue] });
  return "done";
}
