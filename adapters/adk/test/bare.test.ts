// The baseline: what the scenarios return and which effects they have with ADK alone.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { scenarios } from "./scenarios/index.ts";
import { runBare } from "./scenarios/run-bare.ts";
import type { Scenario } from "./scenarios/scenario.ts";

describe.each(scenarios)("$name", (scenario) => {
  test("returns what was recorded, with the effects that were recorded", async () => {
    expect(await observe(scenario, () => 0)).toMatchSnapshot();
  });

  test("has the same effects, and unless it races the same output, whichever is slow", async () => {
    const first = await observe(scenario, (count) => (count % 3) * 4);
    const second = await observe(scenario, (count) => ((count * 7) % 5) * 3);
    expect(second.effects).toEqual(first.effects);
    if (scenario.racing === undefined) expect(second.turns).toEqual(first.turns);
  });
});

/** The outputs and, sorted, the effects of one bare run; the n-th effect takes `latency(n)` ms. */
async function observe(scenario: Scenario, latency: (count: number) => number) {
  const effects: string[] = [];
  const turns = await runBare(scenario, async (name) => {
    await sleep(latency(effects.push(name)));
  });
  return { turns, effects: effects.sort() };
}
