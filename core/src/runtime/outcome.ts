/** How a run that is over ended, as its journal has it. */
import type { Codec } from "../codec/index.ts";
import { HoldfastError } from "../errors/index.ts";
import type { Entry, Store } from "../store/index.ts";

export type RunOutcome =
  | { readonly is: "completed"; readonly value: string | undefined }
  | { readonly is: "failed"; readonly value: string | undefined; readonly step: number | undefined }
  | { readonly is: "cancelled" };

export async function outcomeOf(store: Store, runId: string): Promise<RunOutcome> {
  let last: Entry | undefined;
  for await (const entry of store.journal(runId)) {
    if (entry.entry === "run completed" || entry.entry === "run failed") last = entry;
  }
  if (last === undefined) return { is: "cancelled" };
  const { value, step } = last;
  return last.entry === "run completed"
    ? { is: "completed", value }
    : { is: "failed", value, step };
}

/** What the run returned, as it was stored. Throws what it threw, or RUN_CANCELLED. */
export function storedEnd(codec: Codec, runId: string, outcome: RunOutcome): unknown {
  if (outcome.is === "cancelled") throw cancelled(runId);
  const value = outcome.value === undefined ? undefined : codec.decode(outcome.value);
  if (outcome.is === "failed") throw value;
  return value;
}

function cancelled(runId: string): HoldfastError {
  return new HoldfastError("RUN_CANCELLED", `Run ${runId} was cancelled.`, {
    hint: "Start a new run. What the cancelled one did before stays in its journal.",
    details: { runId },
  });
}
