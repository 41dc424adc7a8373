/** A clock that only moves when nothing else can: years of waiting pass in a moment, in one order. */
import type { Scheduler } from "@holdfast/core/journal";

interface Timer {
  readonly at: number;
  readonly run: () => void;
  /** Whose it is: it dies with its process. */
  readonly of: ProcessTime | undefined;
}

/** More happens in no execution: if it does, it goes round in circles. */
const MOST_EVENTS = 20_000;

export class VirtualTime implements Scheduler {
  now = 0;
  /** Sorted by time, then by the order in which they were set. */
  #timers: Timer[] = [];

  after(ms: number, run: () => void, of?: ProcessTime): () => void {
    const timer = { at: this.now + ms, run, of };
    let index = this.#timers.length;
    while (index > 0 && this.#timers[index - 1]!.at > timer.at) index -= 1;
    this.#timers.splice(index, 0, timer);
    return () => {
      const found = this.#timers.indexOf(timer);
      if (found >= 0) this.#timers.splice(found, 1);
    };
  }

  turn(): Promise<void> {
    return this.sleep(0);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Nothing of this process happens any more. */
  end(process: ProcessTime): void {
    this.#timers = this.#timers.filter(({ of }) => of !== process);
  }

  /** Lets time pass until `done` says so. Resolves to false if nothing is left that could bring it. */
  async pass(done: () => boolean): Promise<boolean> {
    for (let events = 0; events < MOST_EVENTS; events += 1) {
      await microtasks();
      if (done()) return true;
      const next = this.#timers.shift();
      if (next === undefined) return false;
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    return false;
  }
}

/** The time of one process: the same, until it dies. */
export class ProcessTime implements Scheduler {
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  get now(): number {
    return this.#time.now;
  }

  after(ms: number, run: () => void): () => void {
    return this.#time.after(ms, run, this);
  }

  turn(): Promise<void> {
    return this.sleep(0);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  end(): void {
    this.#time.end(this);
  }
}

/** Resolves when no promise is left that could go on by itself. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
