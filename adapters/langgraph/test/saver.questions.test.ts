// Whatever a graph pauses for, it goes on as with LangGraph alone, wherever its processes are killed.
import { describe, expect, test } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { crashingWhenAsked, observeAsking } from "./asking-scenario.ts";
import { askingScenarios } from "./asking-scenarios.ts";

describe.each(askingScenarios)("$name", (scenario) => {
  test("comes to what it comes to with LangGraph alone, each effect once", async () => {
    const bare = await observeAsking(scenario);
    const { ending, outside } = await survive(crashingWhenAsked(scenario), {
      database: inMemory(),
    });
    expect(ending).toEqual({ is: "returned", output: bare.output });
    expect([...outside.counts.values()].every((count) => count === 1)).toBe(true);
    expect([...outside.counts.keys()].map((key) => key.split(" in /")[0]).sort()).toEqual(
      bare.effects,
    );
  });

  test("is killed at every write and every effect, and nobody can tell", async () => {
    const report = await everyPoint(crashingWhenAsked(scenario), { database: inMemory });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  });
});
