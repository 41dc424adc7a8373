// What is expected of processes that were killed: what comes to pass when nobody kills any.
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import {
  type Scenario as CrashScenario,
  effectViolations,
  inMemory,
  journalViolations,
  type Killed,
  killUntilDone,
  rerunSteps,
  type Sql,
  survive,
} from "../../../conformance/src/crash/index.ts";

export interface Bare {
  readonly output: unknown;
  readonly effects: readonly string[];
}

const script = fileURLToPath(new URL("./kill-child.ts", import.meta.url));
/** Only for the case that a process hangs. */
const AFTER_MS = 15_000;

/** @param paceMs how long an effect takes */
export function killAgainAndAgain(
  scenario: CrashScenario,
  { url, pool: sql }: { readonly url: string; readonly pool: Sql },
  paceMs = 1,
): Promise<Killed> {
  return killUntilDone({ script, scenario, url, sql, paceMs, nextKill: () => AFTER_MS });
}

/** What a scenario comes to that nobody kills. */
export async function undisturbed(scenario: CrashScenario): Promise<Bare> {
  const { ending, outside } = await survive(scenario, { database: inMemory() });
  if (ending.is === "threw") throw ending.error;
  return { output: ending.output, effects: [...outside.counts.keys()] };
}

/** Effects of no step: in the plain code of a node, by others, by a queue that was started in no run. */
const OF_NO_STEP = new Set([
  "drain",
  "hang",
  'model: human "by others" (3)',
  'model: human "a" (1)',
  'model: human "b" (1)',
  "tool: search c",
]);

export function expectAsBare(
  bare: Bare,
  { output, effects, journal }: Pick<Killed, "output" | "effects" | "journal">,
): void {
  expect(output).toEqual(bare.output);
  expect(new Set(effects.map(({ key }) => key)).size).toBe(bare.effects.length);
  const ofNoStep = effects.filter(({ step }) => step === undefined).map(({ key }) => key);
  expect(ofNoStep.filter((key) => !OF_NO_STEP.has(key))).toEqual([]);
  expect(effectViolations(effects, journal)).toEqual([]);
  expect(rerunSteps(journal)).toEqual([]);
  expect(journalViolations(journal)).toEqual([]);
}
