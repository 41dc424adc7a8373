/**
 * Ids for events and invocations that are the same in every execution of a run. ADK draws them at
 * random; ours say where in the run something stands, and the how-manieth of its place it is. And
 * times that order events as they came: on replay many fall into one millisecond, and ADK takes events
 * of one time for one moment when it summarises them. An event that is on record has the time it had.
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
  /** By the id of an event that an earlier execution has added to a session, when that was. */
  readonly #recorded = new Map<string, number>();
  /** Those of them that this execution has not added yet. */
  readonly #toCome = new Set<string>();
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
    const time = this.#recorded.get(event.id) ?? event.timestamp;
    this.#lastTime = Math.max(time, this.#lastTime + 1);
    event.timestamp = this.#lastTime;
  }

  /** Earlier executions have added these to a session. */
  recorded(events: readonly Event[]): void {
    for (const { id, timestamp } of events) {
      this.#recorded.set(id, timestamp);
      this.#toCome.add(id);
    }
  }

  /** This execution has added it to a session. */
  appended({ id }: Event): void {
    this.#toCome.delete(id);
  }

  /** Whether an earlier execution came this far: an event that is not kept belongs to the next one that is. */
  isRecorded({ id, partial }: Event): boolean {
    return partial ? this.#toCome.size > 0 : this.#recorded.has(id);
  }
}

/** An id made of what it is the id of. */
export function stableId(run: RunContext, ...of: readonly (string | number)[]): string {
  return run.fingerprint([run.runId, ...of]).slice(0, 20);
}
