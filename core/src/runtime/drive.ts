/**
 * Drives a run until it is over, or its framework returns to wait: claims it, attempts it, waits for
 * what it waits for, and does so again. If another process has it, waits for that one to end or die; if
 * a worker of this one has it, for that to be through.
 */
import { adapterFor } from "../adapter/registry.ts";
import type { AttemptEnd } from "../run/attempt.ts";
import { mergePolicies, type Policies } from "../run/policies.ts";
import { replay } from "../run/replay.ts";
import type { RunContext } from "../run/run-context.ts";
import type { Claim } from "../store/index.ts";
import { isOver } from "../store/run-status.ts";
import { lastingLoss, leave, workOn } from "../worker/work-on.ts";
import { answerAfter } from "./child-result.ts";
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
  /** Told the pieces of the app's stream; if nobody is, the app is not streamed. */
  readonly emit?: ((piece: unknown) => void) | undefined;
  /** Aborted when the runtime lets go of the run at once, */
  readonly signal: AbortSignal;
  /** and when it does so after what is under way. */
  readonly drain: AbortSignal;
}

type Held = Extract<Claim, { readonly is: "held" }>;

export async function drive(opened: Opened, order: Drive): Promise<unknown> {
  const { store, membership, lookout, watch, codec, underWay } = opened;
  const { runId, app, options, until, signal, drain, policies, emit } = order;
  const adapter = adapterFor(app, opened.adapters);
  let isFirst = true;
  const input = () => (isFirst ? order.input : order.inputAgain());
  /** Of which owner it was said that it is waited for. */
  let heldBy: string | undefined;

  for (;;) {
    drain.throwIfAborted();
    const end = await underWay.whenFree(runId, claimAndWork, drain);
    if (end.is === "held") {
      if (end.workerId !== heldBy) saysHeld(opened, runId, end);
      heldBy = end.workerId;
      const unneed = lookout.needed();
      await watch
        .until(runId, ({ isHeld, status }) => !isHeld || isOver(status), drain)
        .finally(unneed);
      continue;
    }
    await answerAfter(opened, runId, end);
    if (end.is === "completed") return end.output;
    if (end.is === "over") return recorded(opened, order);
    if (end.is === "failed" || end.is === "diverged" || end.is === "unreadable") throw end.error;
    if (end.is !== "waiting") continue;
    if ("left" in end && until === "pause") return end.left;
    await somethingNew(opened, order, end);
  }

  async function claimAndWork(): Promise<AttemptEnd | Held> {
    const { member, claim } = await membership.act(async (member) => ({
      member,
      claim: await store.claim(runId, member.worker.id),
    }));
    if (claim.is !== "mine") return claim;
    const { writer } = claim;
    const what = { adapter, app, input: input(), options, policies, emit };
    const work = { member, writer, ...what, signal, drain, returnsToWait: until === "pause" };
    isFirst = false;
    try {
      const end = await workOn(opened, work);
      const loss = lastingLoss(end);
      if (loss !== undefined) throw loss;
      return end;
    } catch (error) {
      void leave(opened, work, { error, readyInMs: 0 });
      throw error;
    }
  }

  async function recorded({ store }: Opened, { app }: Drive): Promise<unknown> {
    const outcome = await outcomeOf(store, runId);
    if (adapter.replays && outcome.is !== "cancelled") {
      const merged = mergePolicies(opened.policies, policies);
      const program = (run: RunContext) => adapter.execute({ app, input: input(), options, run });
      const end = await replay({ ...opened, runId, policies: merged, program });
      if (end.is === "ended") return end.output;
      if (end.is === "threw") throw end.error;
      // Of what failed by itself, no replay comes to the same.
      if (outcome.is === "completed") throw end.error;
    }
    const value = storedEnd(codec, runId, outcome);
    return adapter.restore === undefined ? value : adapter.restore(value, app);
  }
}

function saysHeld({ logger }: Opened, runId: string, { workerId, expiresInMs }: Held): void {
  const seconds = (expiresInMs / 1000).toFixed(1);
  const text = `Run ${runId} is held by worker ${workerId}, whose lease ends in ${seconds} s if it is dead. Awaiting it.`;
  logger.info(text, { runId, workerId, expiresInMs });
}

/**
 * Resolves when something was said to the run, one of its waits is due, or somebody else moved it. Rejects if
 * it is gone.
 */
async function somethingNew(
  { store, poller, scheduler, watch }: Opened,
  { runId, drain }: Drive,
  { why, heardUpTo }: Extract<AttemptEnd, { readonly is: "waiting" }>,
): Promise<void> {
  // What falls due while it is paused is for when it goes on.
  const waits = why.reason === "paused" ? [] : await store.waits(runId);
  const dues = waits.flatMap(({ dueInMs }) => (dueInMs === undefined ? [] : [dueInMs]));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const left = new AbortController();
  watch
    .until(runId, ({ isHeld, status }) => isHeld || isOver(status), left.signal)
    .then(() => resolve(), reject);
  const unlisten = poller.listen(runId, heardUpTo, () => resolve());
  const nextDue = Math.max(Math.min(...dues), 0);
  const cancel = dues.length === 0 ? () => {} : scheduler.after(nextDue, resolve);
  const abandon = () => resolve();
  drain.addEventListener("abort", abandon);
  if (drain.aborted) abandon();
  await promise.finally(() => {
    drain.removeEventListener("abort", abandon);
    cancel();
    unlisten();
    left.abort();
  });
}
