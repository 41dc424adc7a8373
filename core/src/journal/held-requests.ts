/**
 * Requests whose record is not certain yet. Each is judged again whenever a record of its group is
 * taken; and by stillness of its scope, the only place its rivals can come from: after a short quiet
 * a likely record is taken, after a long one the request is a divergence.
 */

import type { Scheduler } from "./scheduler.ts";
import { isWithin } from "./scope.ts";

/** How long nothing may move in a scope before a changed prompt is taken for what it seems to be. */
const QUIET_MS = 200;
/** How long nothing may move before it is said that something is wrong. */
export const STALL_MS = 5_000;

export type Stillness = "moving" | "quiet" | "stalled";

export interface HeldRequest {
  readonly scope: string;
  readonly group: string;
  /** Decides as things stand. Returns whether it could. */
  decide(stillness: Stillness): boolean;
}

export class HeldRequests {
  readonly #scheduler: Scheduler;
  readonly #isBusy: (scope: string) => boolean;
  readonly #held = new Map<HeldRequest, () => void>();
  #isPatient = false;

  constructor(scheduler: Scheduler, isBusy: (scope: string) => boolean) {
    this.#scheduler = scheduler;
    this.#isBusy = isBusy;
  }

  hold(request: HeldRequest): void {
    this.#held.set(request, () => {});
    this.#watch(request);
  }

  /** Whether others of the group are undecided. */
  contests(group: string, except?: HeldRequest): boolean {
    return [...this.#held.keys()].some((held) => held !== except && held.group === group);
  }

  /** A record of the group was taken: what was unclear may be clear now. */
  decideAgain(group: string): void {
    for (const request of [...this.#held.keys()]) {
      if (request.group === group) this.#decide(request, "moving");
    }
  }

  /** Something happened at this place: the stillness of the scopes around it begins anew. */
  moved(path: string): void {
    for (const request of this.#held.keys()) {
      if (isWithin(path, request.scope)) this.#watch(request);
    }
  }

  /** Stillness decides nothing any more: what is missing may be kept from coming. */
  waitForever(): void {
    for (const cancel of this.#held.values()) cancel();
    this.#isPatient = true;
  }

  /** Nothing is decided any more. */
  stop(): void {
    for (const cancel of this.#held.values()) cancel();
    this.#held.clear();
  }

  #watch(request: HeldRequest): void {
    this.#held.get(request)?.();
    if (this.#isPatient || this.#isBusy(request.scope)) return;
    const quiet = this.#scheduler.after(QUIET_MS, () => this.#decide(request, "quiet"));
    const stalled = this.#scheduler.after(STALL_MS, () => this.#decide(request, "stalled"));
    this.#held.set(request, () => {
      quiet();
      stalled();
    });
  }

  #decide(request: HeldRequest, stillness: Stillness): void {
    const cancel = this.#held.get(request);
    if (cancel === undefined || !request.decide(stillness)) return;
    cancel();
    this.#held.delete(request);
    this.decideAgain(request.group);
  }
}
