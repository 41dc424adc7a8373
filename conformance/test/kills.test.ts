import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { testDatabase } from "../../core/test/support/test-database.ts";
import { functionApps } from "../src/apps/index.ts";
import {
  effectViolations,
  journalViolations,
  killUntilDone,
  rerunSteps,
} from "../src/crash/index.ts";
import { Random } from "../src/fuzz/random.ts";

const { url, pool } = testDatabase();
const script = fileURLToPath(new URL("../src/apps/child.ts", import.meta.url));
const seed = Number(process.env.HOLDFAST_KILL_SEED ?? Date.now() % 1_000_000_000);
console.log(`HOLDFAST_KILL_SEED=${seed}`);

/** The last process is let live. */
const MOST_KILLS = 8;

const apps = functionApps.filter(({ name }) =>
  ["branches", "retries", "waits", "once", "race", "retried run"].includes(name),
);

describe("killed by SIGKILL at random moments, taken up by the next process", () => {
  it.for(apps.map((app, index) => ({ ...app, index })))("$name", async ({ index, ...scenario }) => {
    const random = new Random(seed + index);
    const common = { script, scenario, url, sql: pool, paceMs: 30 };
    const undisturbed = await killUntilDone({ ...common, nextKill: () => undefined });
    let kills = 0;
    const nextKill = () =>
      ++kills > MOST_KILLS ? undefined : random.below(Math.ceil(undisturbed.tookMs));
    const survived = await killUntilDone({ ...common, nextKill });

    expect(survived.output).toEqual(undisturbed.output);
    const { journal, effects } = survived;
    expect(journalViolations(journal)).toEqual([]);
    expect(rerunSteps(journal)).toEqual([]);
    expect(effectViolations(effects, journal)).toEqual([]);
    const keys = (all: typeof effects) => new Set(all.map(({ key }) => key));
    expect(keys(effects)).toEqual(keys(undisturbed.effects));
    for (const key of scenario.once ?? []) {
      expect(effects.filter((effect) => effect.key === key).length, key).toBe(1);
    }
  });
});
