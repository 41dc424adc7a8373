/** How a run that is over ended, as its journal has it. */
import type { Codec } from "../codec/index.ts";
import { COMPLETED, entryText } from "../run/output.ts";
import { type Cancelled, runCancelled } from "../run/run-end.ts";
import type { Store } from "../store/index.ts";

export type RunOutcome =
  | { readonly is: "completed" | "cancelled"; readonly value: string | undefined }
  | {
      readonly is: "failed";
      readonly value: string | undefined;
      readonly step: number | undefined;
    };

const ENDS: readonly string[] = [COMPLETED, "run failed", "run cancelled"];

export async function outcomeOf(store: Store, runId: string): Promise<RunOutcome> {
  const last = await store.newestEntry(runId, ENDS);
  if (last === undefined) return { is: "cancelled", value: undefined };
  if (last.entry === "run failed") return { is: "failed", value: last.value, step: last.step };
  if (last.entry !== COMPLETED) return { is: "cancelled", value: last.value };
  const { spaceId } = (await store.run(runId))!;
  return { is: "completed", value: await entryText(store, spaceId, last) };
}

/** What the run returned, as it was stored. Throws what it threw, or RUN_CANCELLED. */
export function storedEnd(codec: Codec, runId: string, { is, value }: RunOutcome): unknown {
  return endWith(runId, is, value === undefined ? undefined : codec.decode(value));
}

/** The same, of a value that was read. */
export function endWith(runId: string, is: RunOutcome["is"], value: unknown): unknown {
  if (is === "cancelled") throw runCancelled(runId, (value ?? {}) as Cancelled);
  if (is === "failed") throw value;
  return value;
}
