/** Effects of processes that are killed, written down where no crash reaches: a line each. */
import type { Entry } from "@holdfast/core/store";

export interface WrittenEffect {
  readonly key: string;
  /** The number its process had for the step: void if that was never durable. */
  readonly step: number | undefined;
  readonly pid: number;
}

export function effectLine(effect: WrittenEffect): string {
  return `${JSON.stringify(effect)}\n`;
}

/** A line whose writer was killed in the middle of it is none. */
export function parseEffects(text: string): readonly WrittenEffect[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as WrittenEffect);
}

/**
 * What does not hold of the effects, given the journal: one that happened after the end of its step
 * was durable, one that belongs to two steps, one that happened more often than is accounted for.
 */
export function effectViolations(
  effects: readonly WrittenEffect[],
  journal: readonly Entry[],
): readonly string[] {
  const found: string[] = [];
  const pids = pidsOf(journal);
  for (const [key, all] of Map.groupBy(effects, ({ key }) => key)) {
    const begun = all.flatMap(({ step, pid }) => beginningOf(step, pid) ?? []);
    const steps = new Set(begun.map(({ step }) => step));
    if (steps.size > 1) found.push(`"${key}" belongs to steps ${[...steps].join(", ")}.`);
    const counted = Map.groupBy(begun, ({ seq }) => seq);
    for (const [seq, times] of counted) {
      if (times.length > 1) {
        found.push(`"${key}" happened ${times.length} times for entry ${seq} of the journal.`);
      }
    }
  }
  return found;

  /** The entry that says this body began; nothing if it was lost with its process. */
  function beginningOf(step: number | undefined, pid: number) {
    const entry = journal.find(
      ({ seq, epoch, entry, step: of }) =>
        pids.get(epoch) === pid &&
        ((entry === "started" && seq === step) || (entry === "restarted" && of === step)),
    );
    return entry && { step, seq: entry.seq };
  }
}

/** The steps, by number, of which a body began after their end was durable. */
export function rerunSteps(journal: readonly Entry[]): readonly number[] {
  const ended = new Set<number>();
  const rerun: number[] = [];
  for (const { entry, step } of journal) {
    if (step === undefined) continue;
    if (entry === "finished" || entry === "failed") ended.add(step);
    if (entry === "superseded") ended.delete(step);
    if (entry === "restarted" && ended.has(step)) rerun.push(step);
  }
  return rerun;
}

/** Which process had the run, by epoch. */
function pidsOf(journal: readonly Entry[]): ReadonlyMap<number, number> {
  const attempts = journal.filter(({ entry }) => entry === "attempt");
  return new Map(
    attempts.map(({ epoch, value }) => [epoch, (JSON.parse(value!) as { pid: number }).pid]),
  );
}
