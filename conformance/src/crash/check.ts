/** What must hold of a run that survived, whatever happened to its processes. */
import { isDeepStrictEqual } from "node:util";
import type { Entry } from "@holdfast/core/store";
import type { Scenario } from "./scenario.ts";
import type { Ending, Survived } from "./survive.ts";

const UNWANTED = ["drift", "reordered", "diverged", "escaped", "lossy"];

/** What does not hold, in sentences. */
export function violations(
  scenario: Scenario,
  baseline: Survived,
  survived: Survived,
): readonly string[] {
  const found: string[] = [];
  const [expected, ending] = [comparable(baseline.ending), comparable(survived.ending)];
  if (!isDeepStrictEqual(ending, expected)) {
    found.push(`It ended with ${JSON.stringify(ending)}, not ${JSON.stringify(expected)}.`);
  }
  const { outside, journal } = survived;
  for (const key of outside.repeated) {
    found.push(`Effect "${key}" happened again, though the journal had the end of its step.`);
  }
  for (const [key, count] of outside.counts) {
    const most = 1 + (scenario.once?.includes(key) ? 0 : outside.doubts(key));
    if (count > most) found.push(`Effect "${key}" happened ${count} times, not ${most} at most.`);
    if (!baseline.outside.happened(key)) found.push(`Effect "${key}" happened only now.`);
  }
  for (const key of baseline.outside.counts.keys()) {
    if (!outside.happened(key)) found.push(`Effect "${key}" never happened.`);
  }
  for (const entry of scenario.unwanted ?? UNWANTED) {
    const of = journal.filter((one) => one.entry === entry);
    const usual = baseline.journal.filter((one) => one.entry === entry);
    if (of.length > usual.length) found.push(`The journal has "${entry}": ${of[0]!.value ?? ""}`);
  }
  return [...found, ...journalViolations(journal)];
}

/** Numbers without a hole, epochs that never fall, one end of each step at a time, one of the run. */
export function journalViolations(journal: readonly Entry[]): readonly string[] {
  const found: string[] = [];
  journal.forEach(({ seq, epoch }, index) => {
    if (seq !== index + 1) found.push(`Entry ${index + 1} has the number ${seq}.`);
    const before = journal[index - 1]?.epoch ?? 0;
    if (epoch < before) found.push(`Entry ${seq} of epoch ${epoch} comes after one of ${before}.`);
  });
  const last = journal.at(-1)?.entry;
  const ends = journal.filter(({ entry }) => entry === "run completed");
  if (ends.length > 1) found.push(`The run completed ${ends.length} times.`);
  if (ends.length === 1 && last !== "run completed") {
    found.push(`The journal goes on after the run completed: "${last}".`);
  }
  return found;
}

/** Errors are the same if people see the same. */
function comparable(ending: Ending): unknown {
  if (ending.is === "returned") return ending;
  const { name, message, code } = ending.error as Error & { readonly code?: unknown };
  return { is: "threw", name, message, code };
}
