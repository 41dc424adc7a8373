/**
 * Finds runs that this worker holds and nobody here works on: the answer to a claim got lost, or they
 * could not be let go of. As long as the worker lives nobody else would take them. Invariant: what is let
 * go of was so at two looks, and has not moved between them.
 */
import type { Opened } from "../runtime/opened.ts";
import type { Member } from "./membership.ts";

export class ForgottenRuns {
  readonly #opened: Opened;
  /** Those of the last look, with their epochs. */
  #seen = new Map<string, number>();

  constructor(opened: Opened) {
    this.#opened = opened;
  }

  async look({ worker }: Member): Promise<void> {
    const { store, underWay } = this.#opened;
    const held = await store.heldBy(worker.id);
    const idle = held.filter(({ runId }) => !underWay.has(runId));
    const before = this.#seen;
    this.#seen = new Map(idle.map(({ runId, epoch }) => [runId, epoch]));
    for (const { runId, epoch } of idle) {
      if (before.get(runId) === epoch && !underWay.has(runId)) await this.#letGo(runId, worker.id);
    }
  }

  async #letGo(runId: string, workerId: string): Promise<void> {
    const { store, logger } = this.#opened;
    const claim = await store.claim(runId, workerId);
    if (claim.is !== "mine") return;
    logger.warn(`Run ${runId} was held here, and nobody worked on it: it is let go of.`, { runId });
    await claim.writer.putState({ status: "queued", release: true });
  }
}
