// Every scenario does durably what it does with the SDK alone, and a crash anywhere changes nothing.
import { describe, expect, test } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import { crashScenario, inPlainCode, namesOf } from "./crash-scenario.ts";
import { replayed } from "./replayed.ts";
import { byCode, byTheAgent } from "./scenarios/index.ts";
import { runBare } from "./scenarios/run-bare.ts";
import type { Scenario } from "./scenarios/scenario.ts";

describe.each(byTheAgent)("$name", (scenario) => {
  test("returns durably what it returns with the SDK alone, with the same effects", async () => {
    const bare = await observe(scenario);
    const { ending, outside } = await survive(replayed(crashScenario(scenario)), {
      database: inMemory(),
    });
    const last = bare.turns.at(-1) as { readonly events: unknown } | string;
    const { events: _, ...result } = typeof last === "string" ? { events: [] } : last;
    const output = typeof last === "string" ? last : result;
    expect(ending).toEqual({ is: "returned", output });
    expect([...outside.counts.values()].every((count) => count === 1)).toBe(true);
    expect(namesOf(outside.counts.keys())).toEqual(bare.effects);
  });

  test("is killed at every write and every effect, and nobody can tell", async () => {
    const report = await everyPoint(crashScenario(scenario), { database: inMemory, atOnce: 24 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  });
});

describe.each(byCode)("$name, in plain code", (scenario) => {
  test("returns durably what it returns bare, turn by turn and event by event", async () => {
    const bare = await observe(scenario);
    const { ending, outside } = await survive(replayed(inPlainCode(scenario)), {
      database: inMemory(),
    });
    expect(ending).toEqual({ is: "returned", output: bare.turns });
    expect(namesOf(outside.counts.keys())).toEqual(bare.effects);
  });

  test("is killed at every write and every effect, and nobody can tell", async () => {
    const report = await everyPoint(inPlainCode(scenario), { database: inMemory, atOnce: 24 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  });
});

async function observe(scenario: Scenario) {
  const effects: string[] = [];
  const turns = await runBare(scenario, async (name) => void effects.push(name));
  return { turns, effects: effects.sort() };
}
