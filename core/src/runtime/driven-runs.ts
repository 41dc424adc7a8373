/**
 * The runs that this runtime drives because somebody asked for their end. Invariant: one drive of a run
 * at a time; whoever asks for it as well is given the same end.
 */
import { type Drive, drive } from "./drive.ts";
import type { Opened } from "./opened.ts";

interface Driven {
  readonly until: "pause" | "end";
  readonly done: Promise<unknown>;
}

export class DrivenRuns {
  readonly #driven = new Map<string, Driven>();

  /** The end, or what the framework returned to wait. */
  async drive(opened: Opened, order: Drive): Promise<unknown> {
    const { runId, until } = order;
    for (let driven = this.#driven.get(runId); driven; driven = this.#driven.get(runId)) {
      if (driven.until === until || driven.until === "end") return driven.done;
      // It may return before the end, which is what is asked for here.
      await driven.done;
    }
    const done = drive(opened, order).finally(() => this.#driven.delete(runId));
    this.#driven.set(runId, { until, done });
    return done;
  }

  /** Resolves when none is driven any more of those that are now. */
  settled(): Promise<unknown> {
    return Promise.allSettled([...this.#driven.values()].map(({ done }) => done));
  }
}
