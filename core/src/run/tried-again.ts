/**
 * A failed run is to go on. The entry says which step is to run again, and up to which message everything
 * was said before: clocks, which can be set back, have no part in what came first.
 */
import type { Control, Entry, NewEntry } from "../store/index.ts";

const TRIED_AGAIN = "superseded";

/** @param step whose failure ended the run, if one did; `said`: all that was said to the run before */
export function triedAgain(step: number | undefined, said: readonly Control[]): NewEntry {
  const value = { text: String(said.at(-1)?.seq ?? 0) };
  return { entry: TRIED_AGAIN, value, ...(step === undefined ? {} : { step }) };
}

/** The number of the last message that was said before the run was tried again last; 0 if it never was. */
export function saidBefore(journal: readonly Entry[]): number {
  return Number(journal.findLast(({ entry }) => entry === TRIED_AGAIN)?.value ?? 0);
}
