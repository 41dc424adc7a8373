// Every scenario does durably what it does with LangGraph alone, and a crash anywhere changes nothing.
import { describe, expect, test } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import { approval } from "./approval.ts";
import { crashScenario, observe } from "./crash-scenario.ts";
import { scenarios } from "./scenarios/index.ts";

describe.each(scenarios)("$name", (scenario) => {
  test("returns durably what it returns with LangGraph alone, with the same effects", async () => {
    const bare = await observe(scenario);
    const { ending, outside } = await survive(crashScenario(scenario, bare.questions), {
      database: inMemory(),
    });
    expect(ending).toEqual({ is: "returned", output: bare.output });
    expect([...outside.counts.values()].every((count) => count === 1)).toBe(true);
    expect(namesOf([...outside.counts.keys()])).toEqual(bare.effects);
  });

  test("is killed at every write and every effect, and nobody can tell", async () => {
    const { questions } = await observe(scenario);
    const report = await everyPoint(crashScenario(scenario, questions), { database: inMemory });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  });
});

test("a call that a person approved is made once, wherever its process is killed", async () => {
  const report = await everyPoint(approval, { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

/** Effects without where they happened. */
function namesOf(keys: readonly string[]): readonly string[] {
  return keys.map((key) => key.slice(0, key.lastIndexOf(" in /"))).sort();
}
