/**
 * Which graphs have checkpoints in a space, and where: LangGraph's names for them, which are not the same
 * in every execution, and the keys they are kept by. Invariant: of a graph that has a checkpoint, whoever
 * put it there made it known, or does when it goes on.
 */
import type { GraphPlace } from "./checkpoint-config.ts";
import type { CheckpointSpace } from "./checkpoint-space.ts";
import { Ledger } from "./ledger.ts";

type Told = [thread: string, namespace: string, key: string];

export class KeptGraphs {
  readonly #space: CheckpointSpace;
  readonly #slot: string;
  readonly #shared: boolean;
  #ledger: Promise<Ledger> | undefined;

  /** @param shared whether others may add to them at the same time */
  constructor(space: CheckpointSpace, slot: string, shared: boolean) {
    this.#space = space;
    this.#slot = slot;
    this.#shared = shared;
  }

  /** The key of the graph that had this name last. */
  async keyOf({ thread, namespace }: GraphPlace): Promise<string | undefined> {
    for await (const told of (await this.#open()).newestFirst()) {
      const [ofThread, ofNamespace, key] = JSON.parse(told) as Told;
      if (ofThread === thread && ofNamespace === namespace) return key;
    }
    return undefined;
  }

  /** @param isNew whether it had no checkpoint before */
  async add({ thread, namespace }: GraphPlace, key: string, isNew: boolean): Promise<void> {
    const told = JSON.stringify([thread, namespace, key] satisfies Told);
    const ledger = await this.#open();
    // A crash may have come between its first checkpoint and this.
    if (!isNew) for await (const known of ledger.newestFirst()) if (known === told) return;
    await ledger.append(told);
  }

  /** Those added last first; some twice. */
  async *places(): AsyncGenerator<GraphPlace> {
    for await (const told of (await this.#open()).newestFirst()) {
      const [thread, namespace] = JSON.parse(told) as Told;
      yield { thread, namespace };
    }
  }

  #open(): Promise<Ledger> {
    if (this.#shared) return Ledger.open(this.#space, this.#slot);
    this.#ledger ??= Ledger.open(this.#space, this.#slot);
    return this.#ledger;
  }
}
