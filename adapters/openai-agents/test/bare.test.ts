// The baseline: what the scenarios return and which effects they have with OpenAI Agents alone.
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { scenarios } from "./scenarios/index.ts";
import { runBare } from "./scenarios/run-bare.ts";
import type { Scenario } from "./scenarios/scenario.ts";

/** What was observed before anything was intercepted. */
const before = new Map<string, unknown>();

describe.each(scenarios)("$name", (scenario) => {
  test("returns what was recorded, with the effects that were recorded", async () => {
    const observed = await observe(scenario, () => 0);
    expect(observed).toMatchSnapshot();
    before.set(scenario.name, observed);
  });

  test("returns the same, with the same effects, whichever effect is slow", async () => {
    const first = await observe(scenario, (count) => (count % 3) * 4);
    expect(await observe(scenario, (count) => ((count * 7) % 5) * 3)).toEqual(first);
  });
});

describe("with the interception in place, and in no run", () => {
  beforeAll(async () => {
    const { openaiAgentsAdapter } = await import("../src/index.ts");
    for (const { build } of scenarios) openaiAgentsAdapter.install(build(async () => {}).app);
  });

  test.each(scenarios)("$name does what it did without", async (scenario) => {
    expect(await observe(scenario, () => 0)).toEqual(before.get(scenario.name));
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
