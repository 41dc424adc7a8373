/**
 * Drives a run until it is over, or its framework returns to wait: claims it, attempts it, waits for
 * what it waits for, and does so again. If another process has it, waits for that one to end or die.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { adapterFor } from "../adapter/registry.ts";
import type { ErrorCode } from "../errors/index.ts";
import { type AttemptEnd, attempt } from "../run/attempt.ts";
import { mergePolicies, type Policies } from "../run/policies.ts";
import { replay } from "../run/replay.ts";
import type { RunContext } from "../run/run-context.ts";
import type { Opened } from "./opened.ts";
import { outcomeOf, storedEnd } from "./outcome.ts";

export interface Drive {
  readonly runId: string;
  readonly app: unknown;
  /** What the app is given the first time, */
  readonly input: unknown;
  /** and when it is executed again: the app may have changed what it was given. */
  readonly inputAgain: () => unknown;
  readonly options: unknown;
  readonly policies: Policies;
  readonly until: "pause" | "end";
  /** Aborted when the runtime closes: the run is left as it is. */
  readonly signal: AbortSignal;
}

/** How often a run that another process has is looked at. */
const HELD_LOOK_MS = 250;
/** Reasons for which a run is lost that trying again can mend. */
const MAY_PASS: ReadonlySet<ErrorCode> = new Set(["RUN_TAKEN_OVER", "STORE_UNAVAILABLE"]);

export async function drive(opened: Opened, order: Drive): Promise<unknown> {
  const { store, heartbeat, codec } = opened;
  const { runId, app, options, until } = order;
  const adapter = adapterFor(app, opened.adapters);
  await heartbeat.start();
  let isFirst = true;
  const input = () => (isFirst ? order.input : order.inputAgain());
  /** Of which owner it was said that it is waited for. */
  let heldBy: string | undefined;

  for (;;) {
    order.signal.throwIfAborted();
    const claim = await store.claim(runId, heartbeat.worker.id);
    if (claim.is === "over") return recorded(opened, order);
    if (claim.is === "held") {
      const { workerId, expiresInMs } = claim;
      if (workerId !== heldBy) {
        const seconds = (expiresInMs / 1000).toFixed(1);
        const text = `Run ${runId} is held by another process. If that is dead, its lease ends in ${seconds} s.`;
        opened.logger.info(text, { runId, workerId, expiresInMs });
      }
      heldBy = workerId;
      await pause(Math.min(claim.expiresInMs + 1, HELD_LOOK_MS), order.signal);
      continue;
    }
    let end: AttemptEnd;
    try {
      end = await attempt({
        ...opened,
        writer: claim.writer,
        policies: mergePolicies(opened.policies, order.policies),
        worker: heartbeat.worker,
        signal: order.signal,
        listen: (after, hear) => opened.poller.listen(runId, after, hear),
        program: (run) => adapter.execute({ app, input: input(), options, run }),
      });
    } catch (error) {
      // Nobody is to wait for this process. Without effect if somebody has the run by then.
      void claim.writer.putState({ status: "queued", release: true }).catch(() => {});
      throw error;
    }
    isFirst = false;
    if (end.is === "completed") return end.output;
    if (end.is === "over") return recorded(opened, order);
    if (end.is === "failed" || end.is === "diverged" || end.is === "unreadable") throw end.error;
    if (end.is === "lost" && end.error !== undefined && !MAY_PASS.has(end.error.code)) {
      await leave(opened, runId).catch(() => {});
      throw end.error;
    }
    if (end.is !== "waiting") continue;
    if ("left" in end && until === "pause") return end.left;
    await somethingNew(opened, order, end.heardUpTo);
  }

  async function recorded({ store }: Opened, { app }: Drive): Promise<unknown> {
    const outcome = await outcomeOf(store, runId);
    if (adapter.replays && outcome.is !== "cancelled") {
      const policies = mergePolicies(opened.policies, order.policies);
      const program = (run: RunContext) => adapter.execute({ app, input: input(), options, run });
      const end = await replay({ ...opened, runId, policies, program });
      if (end.is === "ended") return end.output;
      if (end.is === "threw") throw end.error;
      // Of what failed by itself, no replay comes to the same.
      if (outcome.is === "completed") throw end.error;
    }
    const value = storedEnd(codec, runId, outcome);
    return adapter.restore === undefined ? value : adapter.restore(value, app);
  }
}

/** Lets others have a run that cannot be written by the one who had it: it would lose it again. */
async function leave({ store, heartbeat }: Opened, runId: string): Promise<void> {
  const claim = await store.claim(runId, heartbeat.worker.id);
  if (claim.is === "mine") await claim.writer.putState({ status: "queued", release: true });
}

/** Resolves when something was said to the run, or one of its waits is due. */
async function somethingNew(
  { store, poller, scheduler }: Opened,
  { runId, signal }: Drive,
  heardUpTo: number,
): Promise<void> {
  const waits = await store.waits(runId);
  const dues = waits.flatMap(({ dueInMs }) => (dueInMs === undefined ? [] : [dueInMs]));
  const { promise, resolve } = Promise.withResolvers<void>();
  const unlisten = poller.listen(runId, heardUpTo, () => resolve());
  const nextDue = Math.max(Math.min(...dues), 0);
  const cancel = dues.length === 0 ? () => {} : scheduler.after(nextDue, resolve);
  const abandon = () => resolve();
  signal.addEventListener("abort", abandon);
  if (signal.aborted) abandon();
  await promise;
  signal.removeEventListener("abort", abandon);
  cancel();
  unlisten();
}

/** Also ends when the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => {});
}
