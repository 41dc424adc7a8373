/**
 * What goes on in an execution, and when nothing does. Invariants: a step is under way in its scope from
 * its request to its return, except while its body runs, which is a scope of its own, and while it waits
 * for somebody; a run is suspended only when every leaf of the tree of scopes waits; and once it is
 * stopped or lost, nothing returns to the program any more. While it is drained, bodies begin only inside
 * others that are to come to their end, and stillness says nothing: what is missing may be what is kept from
 * beginning.
 */
import type { Gate } from "./gate.ts";
import { type HeldRequests, STALL_MS } from "./held-requests.ts";
import type { LiveStep } from "./live-step.ts";
import { never } from "./never.ts";
import type { RunningBodies } from "./running-bodies.ts";
import type { Scheduler } from "./scheduler.ts";
import { currentScope, type Scope } from "./scope.ts";

export interface ActivityParts {
  readonly root: Scope;
  readonly gate: Gate;
  readonly held: HeldRequests;
  readonly bodies: RunningBodies;
  readonly scheduler: Scheduler;
  /** How long a run whose every branch waits stays in memory. */
  readonly hotMs: number;
  readonly reports: {
    reordered(): void;
    still?(): void;
    stirred?(): void;
    waiting(): void;
    lost(): void;
  };
}

/** How long nothing has to have moved before that is worth saying. */
const STILL_MS = 200;

export class Activity {
  readonly #parts: ActivityParts;
  readonly #aborter = new AbortController();
  /** How many waits are parked. */
  #parked = 0;
  #disarm: () => void = () => {};
  #isDraining = false;
  /** Whether it was said that nothing moves. */
  #isStill = false;
  #isHurried = false;
  readonly #whenMoved: (() => void)[] = [];

  constructor(parts: ActivityParts) {
    this.#parts = parts;
  }

  /** Aborted when the execution is stopped. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  get isStopped(): boolean {
    return this.#aborter.signal.aborted;
  }

  stop(reason: unknown): void {
    if (this.isStopped) return;
    const { gate, held, bodies } = this.#parts;
    this.#aborter.abort(reason);
    this.#disarm();
    gate.stop();
    held.stop();
    bodies.stop(reason);
    for (const resolve of this.#whenMoved.splice(0)) resolve();
  }

  /** Whether a body may begin in this scope. */
  mayBegin(scope: Scope): boolean {
    if (this.isStopped) return false;
    return !this.#isDraining || this.#parts.bodies.isWithinOne(scope);
  }

  /** While a part of a step lasts, the step counts as under way in its scope, or, by -1, does not. */
  async moving<T>(scope: Scope, by: 1 | -1, part: () => Promise<T>): Promise<T> {
    if (this.isStopped) return never();
    scope.moving += by;
    this.moved(scope.knownPath);
    try {
      return await part();
    } finally {
      if (this.isStopped) await never();
      scope.moving -= by;
      this.moved(scope.knownPath);
    }
  }

  /** While its body runs, a step is not under way in its scope; nor ever again, once it was given up. */
  async inBody<T>(live: LiveStep, scope: Scope, part: () => Promise<T>): Promise<T> {
    if (this.isStopped) return never();
    live.inBody = true;
    scope.moving -= 1;
    // At once: see `BodyRunner`.
    const running = part();
    this.moved(scope.knownPath);
    const result = await running;
    if (this.isStopped) return never();
    live.inBody = false;
    if (!live.over) scope.moving += 1;
    this.moved(scope.knownPath);
    return result;
  }

  /** For a step on its way: it waits for somebody, and nothing of its scope goes on by itself. */
  async park<T>(wait: () => Promise<T>): Promise<T> {
    const scope = currentScope.getStore()!;
    const count = (by: number) => {
      scope.parked += by;
      this.#parked += by;
    };
    count(1);
    try {
      return await this.moving(scope, -1, wait);
    } finally {
      count(-1);
    }
  }

  /** For what has to be durable before the program goes on: of a lost run, it never does. */
  durable(durable: Promise<void>): Promise<void> {
    return durable.catch(() => {
      this.#parts.reports.lost();
      return never<void>();
    });
  }

  /** Resolves when no body does anything any more, and all that came of them is said; or when it is stopped. */
  idle(): Promise<void> {
    return this.#until(() => this.#parts.bodies.areAtRest);
  }

  /** The same, of bodies that are to come to their end; no others begin. */
  drained(): Promise<void> {
    const { held, bodies } = this.#parts;
    this.#isDraining = true;
    this.#disarm();
    held.waitForever();
    return this.#until(() => bodies.areStill);
  }

  /** Resolves when this is so and nothing is about to change it. */
  async #until(isSo: () => boolean): Promise<void> {
    const { scheduler } = this.#parts;
    const isIdle = () => isSo() || this.isStopped;
    do {
      while (!isIdle()) await new Promise<void>((resolve) => this.#whenMoved.push(resolve));
      await scheduler.turn();
    } while (!isIdle());
  }

  /** From now on it is not kept in memory for the hot period, if nothing moves. */
  hurry(): void {
    this.#isHurried = true;
    if (this.#isStill && !this.isStopped && !this.#isDraining) this.#leave();
  }

  /** Something happened in this scope: the stillness around it begins anew. */
  moved(scope: string): void {
    if (this.isStopped) return;
    const { gate, held, bodies, scheduler, reports } = this.#parts;
    for (const resolve of this.#whenMoved.splice(0)) resolve();
    held.moved(scope);
    this.#disarm();
    if (this.#isStill) reports.stirred?.();
    this.#isStill = false;
    if (this.#isDraining || bodies.isBusy("")) return;
    if (gate.isWaitedAt("")) {
      this.#disarm = scheduler.after(STALL_MS, () => {
        if (gate.release()) reports.reordered();
      });
    } else if (this.#parked > 0) {
      this.#disarm = scheduler.after(Math.min(this.#parts.hotMs, STILL_MS), () => this.#sayStill());
    }
  }

  /** Whatever moves from here on prevents it: see `moved`. */
  #sayStill(): void {
    const { root, scheduler, hotMs, reports } = this.#parts;
    if (!root.waits) return;
    if (hotMs <= STILL_MS || this.#isHurried) {
      this.#leave();
      return;
    }
    this.#isStill = true;
    this.#disarm = scheduler.after(hotMs - STILL_MS, () => this.#leave());
    reports.still?.();
  }

  #leave(): void {
    this.#parts.reports.waiting();
  }
}
