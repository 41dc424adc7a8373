// What is more than one plain app, each killed at every point: several turns, retries, people who say things twice.
import { expect, test } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import { answeredAgain } from "./answered-again.ts";
import { busyTwice } from "./busy-twice.ts";
import { changedPrompt } from "./changed-prompt.ts";
import { oneRoot } from "./one-root.ts";
import { userServices } from "./user-services.ts";

const seen = (at: string) => ({
  events: expect.arrayContaining([`watcher: calls look({"q":"${at}"})`]),
  state: { [`look ${at}`]: "done", seen: `has seen [{"did":"${at}"}]` },
});
const kept = { version: 7, loaded: "kelp, as it is kept", found: 1 };

test.each([
  {
    scenario: busyTwice,
    output: {
      events: ["first", "busy", "third"].map((name) => `${name}: "${name} is well"`),
      output: "third is well",
    },
    effects: 5,
  },
  {
    scenario: oneRoot,
    output: [seen("sea"), seen("sky")],
    effects: 6,
  },
  {
    scenario: changedPrompt,
    output: expect.objectContaining({ output: "has looked" }),
    effects: 3,
  },
  {
    scenario: userServices,
    output: {
      output: expect.objectContaining({ output: JSON.stringify([kept]), state: { kept } }),
      calls: 8,
      recorded: 8,
    },
    effects: 10,
  },
  {
    scenario: answeredAgain,
    output: expect.objectContaining({
      state: {
        "buy_tool buy": "done",
        buy_out: 'buy is done: [{"did":"buy"}]',
        pay_out: expect.stringContaining("This tool call is rejected."),
      },
    }),
    effects: 5,
  },
])(
  "$scenario.name: comes to what it should, each effect once, and is killed at every point",
  async ({ scenario, output, effects }) => {
    const { ending, outside } = await survive(scenario, { database: inMemory() });
    expect(ending).toEqual({ is: "returned", output });
    expect(outside.counts.size).toBe(effects);
    const report = await everyPoint(scenario, { database: inMemory, atOnce: 24 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  },
);
