/**
 * What the checkpointer needs of the place it keeps things in: named slots, each a list of shared texts
 * and a text. A run's space is one, and so is any other that somebody can write to.
 */
import type { Codec, Loss } from "@holdfast/core";
import type { RunContext } from "@holdfast/core/adapter";
import type { JournalWriter, Store, StoredSession } from "@holdfast/core/store";

export interface CheckpointSpace {
  readonly codec: Codec;
  /** Undefined if there is nothing. */
  read(slot: string): Promise<StoredSession | undefined>;
  /** In the order of the calls, whatever becomes of them: durable when it resolves. */
  write(slot: string, items: readonly string[], text: string | undefined): Promise<void>;
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
export function writtenBy(writer: JournalWriter, parts: Parts): CheckpointSpace {
  return {
    ...reading(writer.spaceId, parts),
    write: (slot, items, text) => put(writer, slot, items, text),
    fingerprint: (text) => writer.fingerprint(text),
  };
}

interface UnheldParts extends Parts {
  readonly spaceId: string;
  /** Takes hold of one of the space's runs, once something is to be written. */
  hold(): Promise<JournalWriter>;
}

/** A space that is read, and seldom written. */
export async function writtenLater({
  spaceId,
  hold,
  ...parts
}: UnheldParts): Promise<CheckpointSpace> {
  let held: Promise<JournalWriter> | undefined;
  return {
    ...reading(spaceId, parts),
    async write(slot, items, text) {
      held ??= hold();
      await put(await held, slot, items, text);
    },
    fingerprint: await parts.store.fingerprints(spaceId),
  };
}

function reading(
  spaceId: string,
  { store, codec, reportLosses }: Parts,
): Pick<CheckpointSpace, "codec" | "read" | "reportLosses"> {
  return {
    codec,
    reportLosses,
    async read(slot) {
      const stored = await store.session(spaceId, slot);
      return stored?.value === undefined ? undefined : stored;
    },
  };
}

function put(
  writer: JournalWriter,
  slot: string,
  items: readonly string[],
  text: string | undefined,
): Promise<void> {
  return writer.putSession(slot, {
    ...(items.length === 0 ? {} : { items }),
    ...(text === undefined ? {} : { value: { text } }),
  });
}
