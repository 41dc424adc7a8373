/** How a run ended, as its journal has it. */
import type { Codec } from "../codec/index.ts";
import { HoldfastError } from "../errors/index.ts";
import type { Entry, JournalWriter, NewEntry } from "../store/index.ts";
import { COMPLETED } from "./output.ts";

export type RunEnd = "completed" | "failed" | "cancelled";

/** What the entry of a cancelled run keeps: why, and who wanted it, as far as that was said. */
export interface Cancelled {
  readonly reason?: string;
  readonly by?: string;
}

const ENDS: ReadonlyMap<string, RunEnd | undefined> = new Map([
  [COMPLETED, "completed"],
  ["run failed", "failed"],
  ["run cancelled", "cancelled"],
  ["superseded", undefined],
]);

/**
 * How a run ended of which only the journal says that it did: its process died before it could set
 * the status. A failure that was taken back, so that the run goes on, is none.
 */
export function endOf(journal: readonly Entry[]): RunEnd | undefined {
  const last = journal.findLast(({ entry }) => ENDS.has(entry));
  return last && ENDS.get(last.entry);
}

/** Makes the end durable, and lets go of the run. */
export async function putEnd(
  writer: JournalWriter,
  status: RunEnd,
  entry: NewEntry,
): Promise<void> {
  const { durable } = writer.append(entry);
  await Promise.all([durable, writer.putState({ status, release: true })]);
}

export function putCancelled(
  writer: JournalWriter,
  codec: Codec,
  cancelled: Cancelled,
): Promise<void> {
  const value = { text: codec.encode(cancelled).text };
  return putEnd(writer, "cancelled", { entry: "run cancelled", value });
}

/** `The run was cancelled by ana: no longer needed.` */
export function sayCancelled(what: string, { reason, by }: Cancelled): string {
  const who = by === undefined ? "" : ` by ${by}`;
  return `${what} was cancelled${who}${reason === undefined ? "." : `: ${reason}`}`;
}

/** What whoever asks for the end of a cancelled run is told. */
export function runCancelled(runId: string, cancelled: Cancelled): HoldfastError {
  return new HoldfastError("RUN_CANCELLED", sayCancelled(`Run ${runId}`, cancelled), {
    hint: "Start a new run. What the cancelled one did before stays in its journal.",
    details: { runId, ...cancelled },
  });
}
