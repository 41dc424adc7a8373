/**
 * What the space of a run keeps, for those who execute none of its runs. Reading takes nothing over.
 * Invariant: a change and a worker never both write. A change begins when nobody executes a run of the
 * space, and what it reads from then on is what it changes; whoever claims a run of it meanwhile, or makes
 * one, goes first, and the change is refused.
 */
import type { Codec } from "../codec/index.ts";
import { HoldfastError } from "../errors/index.ts";
import type { Logger } from "../logger.ts";
import type { JournalWriter, Run, Store } from "../store/index.ts";
import { type LossReport, reportLosses } from "./report-losses.ts";

interface RunSpaceParts {
  readonly store: Store;
  readonly codec: Codec;
  readonly logger: Logger;
}

/** What a change is made with, until it is through. */
export interface SpaceChange {
  /** In the name of the run that the space has now. */
  readonly writer: JournalWriter;
  reportLosses(report: LossReport): void;
}

export class RunSpace {
  readonly spaceId: string;
  readonly store: Store;
  readonly codec: Codec;
  readonly #logger: Logger;
  readonly #fingerprint: (text: string) => string;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    spaceId: string,
    { store, codec, logger }: RunSpaceParts,
    fingerprint: (text: string) => string,
  ) {
    this.spaceId = spaceId;
    this.store = store;
    this.codec = codec;
    this.#logger = logger;
    this.#fingerprint = fingerprint;
  }

  static async of({ spaceId }: Run, parts: RunSpaceParts): Promise<RunSpace> {
    return new RunSpace(spaceId, parts, await parts.store.fingerprints(spaceId));
  }

  /** Names a text without telling it, as writers of this space do. */
  fingerprint(text: string): string {
    return this.#fingerprint(text);
  }

  /**
   * Changes what is kept, one change after the other. Throws RUN_BUSY if a worker that lives executes a
   * run of this space, or somebody was faster: what was written until then may be kept, nothing after it.
   */
  change<T>(change: (how: SpaceChange) => Promise<T>): Promise<T> {
    const changing = this.#last.then(() => this.#change(change));
    this.#last = changing.catch(() => {});
    return changing;
  }

  async #change<T>(change: (how: SpaceChange) => Promise<T>): Promise<T> {
    const amending = await this.store.amend(this.spaceId);
    if (amending.is === "held") throw heldBy(amending);
    const { writer } = amending;
    const parts = { writer, logger: this.#logger };
    try {
      return await change({ writer, reportLosses: (report) => reportLosses(parts, report) });
    } catch (error) {
      if (!HoldfastError.is(error, "RUN_TAKEN_OVER")) throw error;
      throw overtaken(writer, error);
    }
  }
}

function heldBy({
  runId,
  workerId,
  expiresInMs,
}: {
  readonly runId: string;
  readonly workerId: string;
  readonly expiresInMs: number;
}): HoldfastError {
  return new HoldfastError(
    "RUN_BUSY",
    `Run ${runId} is under way: worker ${workerId} has it. What it keeps is not changed from outside meanwhile.`,
    {
      hint: "Wait until it waits for something or is over, or pause it: handle.pause(). Its state can be read at any time.",
      details: { runId, workerId, expiresInMs },
    },
  );
}

function overtaken({ runId }: JournalWriter, cause: HoldfastError): HoldfastError {
  return new HoldfastError(
    "RUN_BUSY",
    `Somebody went on with run ${runId}, began the next run of its thread, or changed what it keeps, before this change was through: it is refused.`,
    {
      hint: "Read what is kept now, and change it again if that is still wanted.",
      cause,
      details: { runId },
    },
  );
}
