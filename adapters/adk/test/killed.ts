// What is expected of processes that were killed: no effect twice, no step again, no hole in the journal.
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";
import {
  type Scenario as CrashScenario,
  effectViolations,
  journalViolations,
  type Killed,
  killUntilDone,
  rerunSteps,
  type Sql,
} from "../../../conformance/src/crash/index.ts";
import { random } from "./kill-random.ts";

const script = fileURLToPath(new URL("kill-child.ts", import.meta.url));

/** How long an effect takes. */
const PACE_MS = 10;
/** Only for the case that a process hangs. */
const HANGS_AFTER_MS = 15_000;

interface Moment {
  /** The how-manieth of a process it dies in, */
  readonly effect: number;
  /** and so long after it began. Default: by chance in it or right after it. */
  readonly afterMs?: number;
}

/** Each process kills itself at this moment, until one comes to the end before. */
export function killAgainAndAgain(
  scenario: CrashScenario,
  { url, pool: sql }: { readonly url: string; readonly pool: Sql },
  { effect, afterMs = random.below(2 * PACE_MS) }: Moment,
  paceMs: number = PACE_MS,
): Promise<Killed> {
  vi.stubEnv("HOLDFAST_TEST_DIE", JSON.stringify({ effect, afterMs }));
  return killUntilDone({ script, scenario, url, sql, paceMs, nextKill: () => HANGS_AFTER_MS });
}

export function expectUnharmed({ effects, journal }: Pick<Killed, "effects" | "journal">): void {
  expect(effectViolations(effects, journal)).toEqual([]);
  expect(rerunSteps(journal)).toEqual([]);
  expect(journalViolations(journal)).toEqual([]);
}
