/**
 * Runs the bodies of steps: each in a scope of its own, again after a failure where that is asked for,
 * until the program has what it wants or gives it up. Invariants: a failed try is durable before the
 * next begins, so tries are counted over all executions; no body begins of a step that was given up, or
 * after the run was handed over, however late that was; and whether the run certainly is this worker's is
 * the last that is waited for, right before the body, since a process can be stopped anywhere, and go on when
 * the run has long been another's.
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
    const scope = currentScope.getStore()!;
    // Heard before a body can begin that nobody waits for from the start.
    const givenUp = request.abandoned?.then((instead) => {
      live.over = true;
      // That its body has ended does not say so any more.
      if (live.inBody) scope.moving += 1;
      return instead;
    });
    const running = this.#runTries(performance);
    const outcome = await Promise.race([running, givenUp ?? never<Outcome>()]);
    live.over = true;
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
      if (activity.isStopped) return never();
      if (!activity.mayBegin(parent)) {
        live.rest();
        return never();
      }
      live.begin();
      const fresh = parent.fresh || nth > failedBefore + 1;
      const onPath = (path: string) => gate.open(path);
      // Before it is announced: from then on nobody may take it for at rest.
      const running = bodies.begin({ live, parent, isContainer, nth, fresh, onPath });
      if (request.announced) await activity.durable(live.announce().durable);
      for (let doubt = doubts(); doubt !== undefined; doubt = doubts()) await doubt;
      // From here to the body nothing is awaited.
      if (activity.isStopped) return never();
      if (live.over || !activity.mayBegin(parent)) {
        running.end();
        if (!live.over) live.rest();
        activity.moved(parent.knownPath);
        return live.over ? undefined : never();
      }
      const outcome = await activity.inBody(live, parent, async () => {
        const unannounce = scheduler.after(ANNOUNCE_MS, () => {
          if (!activity.isStopped) live.announce();
        });
        const came = await currentScope.run(running.scope, () => body(running.inside));
        unannounce();
        running.end();
        return came;
      });
      void outcome?.late?.then((late) => this.#late(live, late));
      if (!outcome?.failed || live.over || activity.isStopped) return outcome;
      const again = request.retryAfter?.(outcome, nth);
      if (again === undefined) return outcome;
      await activity.durable(live.tryFailed(running.basePath, outcome));
      await new Promise<void>((resolve) => scheduler.after(again, resolve));
      if (live.over) return undefined;
    }
  }

  #late(live: LiveStep, outcome: Outcome): void {
    if (!this.#parts.activity.isStopped) live.late(outcome);
  }
}
