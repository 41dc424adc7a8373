/**
 * Ids for events and invocations that are the same in every execution of a run. ADK draws them at
 * random; ours say where in the run something stands, and the how-manieth of its place it is. And
 * times that order events as they came: on replay many fall into one millisecond, and ADK takes events
 * of one time for one moment when it summarises them.
 */
import type { Event } from "@google/adk";
import type { RunContext } from "@holdfast/core/adapter";

const byRun = new WeakMap<RunContext, EventStamps>();

export function eventStamps(run: RunContext): EventStamps {
  const ids = byRun.get(run) ?? new EventStamps(run);
  byRun.set(run, ids);
  return ids;
}

export class EventStamps {
  readonly #run: RunContext;
  readonly #given = new Set<string>();
  /** By place, how many events it had. */
  readonly #counts = new Map<string, number>();
  #lastTime = 0;

  constructor(run: RunContext) {
    this.#run = run;
  }

  /** Gives an event its id and its time, at the first place it passes. */
  stamp(event: Event, place: string): void {
    if (this.#given.has(event.id)) return;
    const nth = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, nth);
    event.id = stableId(this.#run, "event", place, nth);
    this.#given.add(event.id);
    this.#lastTime = Math.max(event.timestamp, this.#lastTime + 1);
    event.timestamp = this.#lastTime;
  }
}

/** An id made of what it is the id of. */
export function stableId(run: RunContext, ...of: readonly (string | number)[]): string {
  return run.fingerprint([run.runId, ...of]).slice(0, 20);
}
