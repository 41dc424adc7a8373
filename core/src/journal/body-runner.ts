/**
 * Runs the bodies of steps: each in a scope of its own, again after a failure where that is asked for,
 * until the program has what it wants or gives it up. Invariants: a failed try is durable before the
 * next begins, so tries are counted over all executions; and whether the run certainly is this worker's is
 * asked last of all, right before the body, since a process can be stopped anywhere, and go on when the run
 * has long been another's.
 */
import type { Activity } from "./activity.ts";
import type { Gate } from "./gate.ts";
import type { LiveStep } from "./live-step.ts";
import { never } from "./never.ts";
import type { RunningBodies } from "./running-bodies.ts";
import type { Scheduler } from "./scheduler.ts";
import { currentScope, type StepInside } from "./scope.ts";
import type { Outcome, StepRecord } from "./step-record.ts";
import type { StepRequest } from "./step-request.ts";

/** A step's body. It never rejects; `undefined` says that it left without an outcome, to come back. */
export type Body = (inside: StepInside) => Promise<BodyOutcome | undefined>;

export interface BodyOutcome extends Outcome {
  /** What the body came to after it was given up, if it ever does. */
  readonly late?: Promise<Outcome>;
}

export interface BodyRunnerParts {
  readonly activity: Activity;
  readonly bodies: RunningBodies;
  readonly gate: Gate;
  readonly scheduler: Scheduler;
  readonly certain: () => Promise<void> | undefined;
}

export interface Performance {
  readonly live: LiveStep;
  readonly request: StepRequest;
  /** What is on record of it from earlier executions. */
  readonly record: StepRecord | undefined;
  readonly body: Body;
}

/** A body that ran this long is announced in the journal before it ends. */
const ANNOUNCE_MS = 20;

export class BodyRunner {
  readonly #parts: BodyRunnerParts;

  constructor(parts: BodyRunnerParts) {
    this.#parts = parts;
  }

  /** What came of it, or what the program took instead; undefined if it left without an outcome. */
  async run(performance: Performance): Promise<Outcome | undefined> {
    const { live, request } = performance;
    const running = this.#runTries(performance);
    const outcome = await Promise.race([running, request.abandoned ?? never<Outcome>()]);
    live.over = true;
    // That its body has ended does not say so any more.
    if (live.inBody) currentScope.getStore()!.moving += 1;
    void running.then((late) => {
      if (late !== undefined && late !== outcome) this.#late(live, late);
    });
    return outcome;
  }

  async #runTries({ live, request, record, body }: Performance): Promise<Outcome | undefined> {
    const { activity, bodies, gate, scheduler, certain } = this.#parts;
    const parent = currentScope.getStore()!;
    const failedBefore = record?.failedTries ?? 0;
    const isContainer = request.isContainer ?? false;
    const doubts = () => (isContainer ? undefined : certain());
    for (let nth = failedBefore + 1; ; nth += 1) {
      const doubt = doubts();
      if (doubt !== undefined) await doubt;
      if (!isContainer) await gate.quiet();
      // The program may have given it up meanwhile.
      if (live.over) return undefined;
      if (!activity.mayBegin(parent)) return never();
      live.begin();
      const fresh = parent.fresh || nth > failedBefore + 1;
      const onPath = (path: string) => gate.open(path);
      // Before it is announced: from then on nobody may take it for at rest.
      const running = bodies.begin({ live, parent, isContainer, nth, fresh, onPath });
      if (request.announced) await activity.durable(live.announce().durable);
      const outcome = await activity.inBody(live, parent, async () => {
        for (let doubt = doubts(); doubt !== undefined; doubt = doubts()) {
          await doubt;
          if (activity.isStopped) return never<BodyOutcome | undefined>();
        }
        const unannounce = scheduler.after(ANNOUNCE_MS, () => {
          if (!activity.isStopped) live.announce();
        });
        const came = await currentScope.run(running.scope, () => body(running.inside));
        unannounce();
        running.end();
        return came;
      });
      void outcome?.late?.then((late) => this.#late(live, late));
      const again = outcome?.failed ? request.retryAfter?.(outcome, nth) : undefined;
      const isLast = again === undefined || live.over || activity.isStopped;
      if (outcome === undefined || isLast) return outcome;
      await activity.durable(live.tryFailed(running.basePath, outcome));
      await new Promise<void>((resolve) => scheduler.after(again, resolve));
      if (live.over) return undefined;
    }
  }

  #late(live: LiveStep, outcome: Outcome): void {
    if (!this.#parts.activity.isStopped) live.late(outcome);
  }
}
