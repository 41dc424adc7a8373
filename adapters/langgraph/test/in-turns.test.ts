// Apps that pause, answered turn by turn: as with LangGraph alone, wherever their processes are killed.
import { expect, test } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import { observeAsking } from "./asking-scenario.ts";
import { askingScenarios, branches, decided } from "./asking-scenarios.ts";
import { inTurns } from "./in-turns.ts";

const someInTurns = [inTurns(branches, "one"), inTurns(decided, "all")];

test.each(askingScenarios)("$name: answered in turns, it comes to the same", async (scenario) => {
  const bare = await observeAsking(scenario);
  for (const atOnce of ["all", "one"] as const) {
    const { ending } = await survive(inTurns(scenario, atOnce), { database: inMemory() });
    expect(ending).toEqual({ is: "returned", output: bare.output });
  }
});

test.each(someInTurns)("$name: it is killed anywhere, and nobody can tell", async (scenario) => {
  const report = await everyPoint(scenario, { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});
