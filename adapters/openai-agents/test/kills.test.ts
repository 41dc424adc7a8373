// Real processes over a real Postgres, killed by SIGKILL again and again, each going on for the last.
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  effectViolations,
  inMemory,
  journalViolations,
  killUntilDone,
  rerunSteps,
  survive,
} from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { crashScenario, inPlainCode } from "./crash-scenario.ts";
import { approvals } from "./scenarios/approvals.ts";
import { nestedRuns } from "./scenarios/nested-runs.ts";
import { streamedTravelDesk } from "./scenarios/travel-desk.ts";
import { workshop } from "./scenarios/workshop.ts";

const { url, pool } = testDatabase();
const script = fileURLToPath(new URL("./kill-child.ts", import.meta.url));
/** Only for the case that a process hangs. */
const AFTER_MS = 15_000;

describe.concurrent("killed in its fourth effect, in every process", () => {
  test.each([
    crashScenario(approvals),
    crashScenario(nestedRuns),
    crashScenario(workshop),
    crashScenario(streamedTravelDesk),
    inPlainCode(streamedTravelDesk),
  ])("$name", async (scenario) => {
    const { ending, outside } = await survive(scenario, { database: inMemory() });
    const { output, kills, effects, journal } = await killUntilDone({
      script,
      scenario,
      url,
      sql: pool,
      paceMs: 5,
      nextKill: () => AFTER_MS,
    });
    expect(kills).toBeGreaterThanOrEqual(2);
    expect(ending).toEqual({ is: "returned", output });
    expect(new Set(effects.map(({ key }) => key))).toEqual(new Set(outside.counts.keys()));
    expect(effectViolations(effects, journal)).toEqual([]);
    expect(rerunSteps(journal)).toEqual([]);
    expect(journalViolations(journal)).toEqual([]);
  });
});
