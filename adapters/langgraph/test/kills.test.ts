// Real processes over a real Postgres, killed by SIGKILL again and again, each going on for the last.
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  effectViolations,
  journalViolations,
  killUntilDone,
  rerunSteps,
} from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { crashScenario, observe } from "./crash-scenario.ts";
import { interruptInTool } from "./scenarios/interrupt-in-tool.ts";
import { subgraph } from "./scenarios/subgraph.ts";

const { url, pool } = testDatabase();
const script = fileURLToPath(new URL("./kill-child.ts", import.meta.url));
/** Only for the case that a process hangs. */
const AFTER_MS = 15_000;

describe.concurrent("killed before its third effect, in every process", () => {
  test.each([interruptInTool, subgraph])("$name", async (scenario) => {
    const bare = await observe(scenario);
    const { output, kills, effects, journal } = await killUntilDone({
      script,
      scenario: crashScenario(scenario, bare.questions),
      url,
      sql: pool,
      paceMs: 2,
      nextKill: () => AFTER_MS,
    });
    expect(kills).toBeGreaterThanOrEqual(1);
    expect(output).toEqual(bare.output);
    expect(new Set(effects.map(({ key }) => key)).size).toBe(bare.effects.length);
    expect(effectViolations(effects, journal)).toEqual([]);
    expect(rerunSteps(journal)).toEqual([]);
    expect(journalViolations(journal)).toEqual([]);
  });
});
