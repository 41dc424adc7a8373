/**
 * Finds runs that this worker holds and nobody here works on: the answer to a claim got lost, or they
 * could not be let go of. As long as the worker lives nobody else would take them. Invariant: what is let
 * go of was so at two looks, and has not moved between them.
 */
import type { Opened } from "../runtime/opened.ts";
import { letGoOf } from "./let-go-of.ts";
import type { Member } from "./membership.ts";

export class ForgottenRuns {
  readonly #opened: Opened;
  /** Those of the last look, with their epochs. */
  #seen = new Map<string, number>();

  constructor(opened: Opened) {
    this.#opened = opened;
  }

  async look({ worker }: Member): Promise<void> {
    const { store, logger, underWay } = this.#opened;
    const held = await store.heldBy(worker.id);
    const idle = held.filter(({ runId }) => !underWay.has(runId));
    const before = this.#seen;
    this.#seen = new Map(idle.map(({ runId, epoch }) => [runId, epoch]));
    for (const { runId, epoch } of idle) {
      if (before.get(runId) !== epoch || underWay.has(runId)) continue;
      if (!(await letGoOf(store, { runId, epoch }))) continue;
      const text = `Run ${runId} was held here, and nobody worked on it: it was let go of.`;
      logger.warn(text, { runId });
    }
  }
}
