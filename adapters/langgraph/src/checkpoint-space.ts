/**
 * What the checkpointer needs of the place it keeps things in: named slots, each a list of shared texts
 * and a text. A run's space is one, and so is any other that somebody can write to.
 */
import type { Codec, Loss } from "@holdfast/core";
import type { RunContext, RunSpace, SpaceChange } from "@holdfast/core/adapter";
import type { JournalWriter, Store, StoredSession } from "@holdfast/core/store";

export interface CheckpointSpace {
  readonly codec: Codec;
  /** Undefined if there is nothing. */
  read(slot: string): Promise<StoredSession | undefined>;
  /**
   * In the order of the calls, whatever becomes of them: durable when it resolves. With patience, it may
   * wait so long for what is written next.
   */
  write(
    slot: string,
    items: readonly string[],
    text: string | undefined,
    patienceMs?: number,
  ): Promise<void>;
  /** Names a text without telling it. */
  fingerprint(text: string): string;
  /** Told when a value will not be read back as it was. */
  reportLosses(report: { readonly what: string; readonly losses: readonly Loss[] }): void;
}

type ReportLosses = CheckpointSpace["reportLosses"];

/** The space that a run belongs to. */
export function spaceOf(
  run: Pick<RunContext, "store" | "writer" | "codec" | "reportLosses">,
): CheckpointSpace {
  const { store, writer, codec } = run;
  return writtenBy(writer, { store, codec, reportLosses: (report) => run.reportLosses(report) });
}

interface Parts {
  readonly store: Store;
  readonly codec: Codec;
  readonly reportLosses: ReportLosses;
}

/** A space as the holder of one of its runs writes it. */
export function writtenBy(
  writer: JournalWriter,
  { store, codec, reportLosses }: Parts,
): CheckpointSpace {
  return {
    codec,
    reportLosses,
    read: (slot) => readSlot(store, writer.spaceId, slot),
    write: (...content) => put(writer, ...content),
    fingerprint: (text) => writer.fingerprint(text),
  };
}

/**
 * The space of a run as those see it who do not execute it. Invariant: it is written only in a change, so
 * never beside a worker.
 */
export class SpaceFromOutside implements CheckpointSpace {
  readonly codec: Codec;
  readonly #space: RunSpace;
  #change: SpaceChange | undefined;

  constructor(space: RunSpace) {
    this.codec = space.codec;
    this.#space = space;
  }

  /** The run that is changed, while one is. */
  get runId(): string | undefined {
    return this.#change?.writer.runId;
  }

  /** Throws RUN_BUSY while somebody executes a run of the space. */
  change<T>(change: () => Promise<T>): Promise<T> {
    return this.#space.change(async (how) => {
      this.#change = how;
      try {
        return await change();
      } finally {
        this.#change = undefined;
      }
    });
  }

  read(slot: string): Promise<StoredSession | undefined> {
    const { store, spaceId } = this.#space;
    return readSlot(store, spaceId, slot);
  }

  write(...content: Parameters<CheckpointSpace["write"]>): Promise<void> {
    return put(this.#change!.writer, ...content);
  }

  fingerprint(text: string): string {
    return this.#space.fingerprint(text);
  }

  reportLosses(report: Parameters<ReportLosses>[0]): void {
    this.#change?.reportLosses(report);
  }
}

async function readSlot(
  store: Store,
  spaceId: string,
  slot: string,
): Promise<StoredSession | undefined> {
  const stored = await store.session(spaceId, slot);
  return stored?.value === undefined ? undefined : stored;
}

function put(
  writer: JournalWriter,
  ...[slot, items, text, patienceMs = 0]: Parameters<CheckpointSpace["write"]>
): Promise<void> {
  return writer.putSession(slot, {
    patienceMs,
    ...(items.length === 0 ? {} : { items }),
    ...(text === undefined ? {} : { value: { text } }),
  });
}
