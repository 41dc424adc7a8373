/**
 * Kills a scenario's process at every point there is, once each, and compares what comes of it with
 * what came of it uninterrupted.
 */
import { violations } from "./check.ts";
import type { CrashDatabase } from "./crash-database.ts";
import { type CrashPoint, printPoint } from "./crash-point.ts";
import { printJournal } from "./journal-of.ts";
import type { Scenario } from "./scenario.ts";
import { type Survived, survive } from "./survive.ts";

export interface PointOptions {
  /** A database for the runs: a new one each time, or always the same. */
  database(): CrashDatabase;
  /** How many runs are under way at once. Default: 8. */
  readonly atOnce?: number;
  /** How long one process may live. Default: 20 s. */
  readonly limitMs?: number;
}

export interface PointReport {
  /** Writes and effects of the uninterrupted run. */
  readonly writes: number;
  readonly effects: number;
  /** How many schedules of crashes were tried, */
  readonly schedules: number;
  /** and how many processes died. */
  readonly deaths: number;
  /** What does not hold, with where it was and the journal of it. */
  readonly failures: readonly string[];
}

/** Every write, before and after, and every effect. Throws if it does not even do uninterrupted. */
export async function everyPoint(scenario: Scenario, options: PointOptions): Promise<PointReport> {
  const baseline = await uninterrupted(scenario, options);
  const schedules = pointsOf(baseline).map((point) => [point]);
  return tryAll(scenario, options, baseline, schedules);
}

/** A crash at every point of the first process, and then at every point of the one that goes on. */
export async function everyPair(scenario: Scenario, options: PointOptions): Promise<PointReport> {
  const baseline = await uninterrupted(scenario, options);
  const points = pointsOf(baseline);
  const schedules = points.flatMap((first) => points.map((second) => [first, second]));
  return tryAll(scenario, options, baseline, schedules);
}

/** The points a run has if it goes as the given one did. */
function pointsOf({ writes, effects }: Survived): readonly CrashPoint[] {
  const points: CrashPoint[] = [];
  for (let write = 1; write <= writes; write += 1) {
    points.push({ write, when: "before" }, { write, when: "after" });
  }
  for (let effect = 1; effect <= effects; effect += 1) {
    points.push({ effect, announced: false }, { effect, announced: true });
  }
  return points;
}

async function uninterrupted(
  scenario: Scenario,
  { database, limitMs }: PointOptions,
): Promise<Survived> {
  const limit = limitMs === undefined ? {} : { limitMs };
  const baseline = await survive(scenario, { database: database(), ...limit });
  const wrong = violations(scenario, baseline, baseline);
  if (wrong.length === 0) return baseline;
  throw new Error(`${scenario.name}, uninterrupted: ${wrong.join(" ")}`);
}

async function tryAll(
  scenario: Scenario,
  { database, atOnce = 8, limitMs }: PointOptions,
  baseline: Survived,
  schedules: readonly (readonly CrashPoint[])[],
): Promise<PointReport> {
  const failures: string[] = [];
  let deaths = 0;
  const limit = limitMs === undefined ? {} : { limitMs };
  const tryOne = async (crashes: readonly CrashPoint[]): Promise<void> => {
    const where = `${scenario.name}, killed ${crashes.map(printPoint).join(", then ")}`;
    try {
      const survived = await survive(scenario, { database: database(), crashes, ...limit });
      deaths += survived.deaths;
      const wrong = violations(scenario, baseline, survived);
      if (wrong.length > 0) {
        failures.push(`${where}: ${wrong.join(" ")}\n${printJournal(survived.journal)}`);
      }
    } catch (error) {
      failures.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const left = schedules.values();
  const worker = async (): Promise<void> => {
    for (const crashes of left) await tryOne(crashes);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const { writes, effects } = baseline;
  return { writes, effects, schedules: schedules.length, deaths, failures };
}
