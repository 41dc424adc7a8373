// Every scenario does durably what it does with ADK alone, and a crash anywhere changes nothing.
import { describe, expect, test } from "vitest";
import {
  type Scenario as CrashScenario,
  everyPoint,
  inMemory,
  survive,
} from "../../../conformance/src/crash/index.ts";
import { crashScenario } from "./crash-scenario.ts";
import { inOneTurn } from "./in-one-turn.ts";
import { confirmedInSequence } from "./scenarios/confirmation.ts";
import { scenarios } from "./scenarios/index.ts";
import { type PlainTurn, runBare } from "./scenarios/run-bare.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { whoeverIsFirst } from "./whoever-is-first.ts";

describe.each(scenarios)("$name", (scenario) => {
  test("is killed at every write and every effect, and nobody can tell", async () => {
    const report = await everyPoint(asItRaces(scenario), { database: inMemory, atOnce: 24 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  });
});

function asItRaces(scenario: Scenario): CrashScenario {
  const durable = crashScenario(scenario);
  return {
    ...durable,
    run: async (process) => whoeverIsFirst(scenario, (await durable.run(process)) as PlainTurn),
  };
}

describe.each(scenarios.filter(({ unlikeBare }) => unlikeBare === undefined))(
  "$name",
  (scenario) => {
    test("returns durably what it returns with ADK alone, with the same effects", async () => {
      const effects: string[] = [];
      const turns = await runBare(scenario, async (name) => void effects.push(name));
      const { ending, outside } = await survive(crashScenario(scenario), { database: inMemory() });
      expect(ending).toEqual({ is: "returned", output: inOneTurn(scenario, turns) });
      expect([...outside.counts].sort()).toEqual(effects.map((name) => [name, 1]).sort());
    });
  },
);

test("a sequence stops at the agent that waits for a person, and goes on from there", async () => {
  const scenario = crashScenario(confirmedInSequence);
  const { ending, outside } = await survive(scenario, { database: inMemory() });
  expect(ending).toMatchObject({
    is: "returned",
    output: {
      events: [
        'first: "first is done"',
        'pay: calls pay_tool({"q":"pay"})',
        expect.stringContaining('pay: pay_tool answers {"did":"pay"}'),
        expect.stringContaining("pay is done"),
        'third: "third is done"',
      ],
    },
  });
  expect([...outside.counts]).toEqual([
    ["model: first (1)", 1],
    ["model: pay (2)", 1],
    ["tool: pay_tool pay", 1],
    ["model: pay (4)", 1],
    ["model: third (5)", 1],
  ]);
});
