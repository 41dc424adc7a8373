/**
 * The events of a streamed run, without those of turns that were over before: an execution begins by
 * doing again what is on record. Invariant: from the turn on in which the first body runs, every event
 * is told, once and in order; of that turn the events before it, too.
 */
import type { RunContext } from "@holdfast/core/adapter";
import type { RunStreamEvent } from "@openai/agents";

const listening = new WeakMap<RunContext, NewEvents>();

export class NewEvents {
  readonly #emit: (event: RunStreamEvent) => void;
  #held: RunStreamEvent[] = [];
  #turn = 0;
  #isNew = false;

  constructor(run: RunContext, emit: (event: RunStreamEvent) => void) {
    this.#emit = emit;
    listening.set(run, this);
  }

  tell(event: RunStreamEvent, turn: number): void {
    if (this.#isNew) {
      this.#emit(event);
      return;
    }
    if (turn !== this.#turn) this.#held = [];
    this.#turn = turn;
    this.#held.push(event);
  }

  /** The run stopped where it had stopped before: what led there was told. */
  forget(): void {
    this.#held = [];
  }

  begin(): void {
    this.#isNew = true;
    for (const event of this.#held.splice(0)) this.#emit(event);
  }
}

/** Something happens in the run that is not on record. */
export function somethingNew(run: RunContext): void {
  listening.get(run)?.begin();
}
