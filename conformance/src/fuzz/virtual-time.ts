/** A clock that only moves when nothing else can: years of waiting pass in a moment, in one order. */
import type { Scheduler } from "@holdfast/core/journal";

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

export class VirtualTime implements Scheduler {
  now = 0;
  /** Sorted by time, then by the order in which they were set. */
  readonly #timers: Timer[] = [];

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.now + ms, run };
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

  /** Lets time pass until `done` says so, nothing is left that could happen, or the limit is reached. */
  async pass(done: () => boolean, limit: number): Promise<void> {
    for (;;) {
      await microtasks();
      if (done()) return;
      const next = this.#timers.shift();
      if (next === undefined || next.at > limit) return;
      this.now = Math.max(this.now, next.at);
      next.run();
    }
  }
}

/** Resolves when no promise is left that could go on by itself. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
