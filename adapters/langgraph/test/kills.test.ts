// Real processes over a real Postgres, killed by SIGKILL again and again, each going on for the last.
import { fileURLToPath } from "node:url";
import { type Entry, idOfKey } from "@holdfast/core/store";
import { expect, test } from "vitest";
import {
  effectViolations,
  journalViolations,
  type Killed,
  killUntilDone,
  rerunSteps,
} from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { allAtOnce, type Came, together } from "./all-at-once.ts";
import { crashScenario, observe } from "./crash-scenario.ts";
import { interruptInTool } from "./scenarios/interrupt-in-tool.ts";
import { twentyCalls } from "./scenarios/twenty-calls.ts";

const { url, pool, open } = testDatabase();
const script = fileURLToPath(new URL("./kill-child.ts", import.meta.url));
/** Only for the case that a process hangs. */
const AFTER_MS = 15_000;

test("an app that asks, killed before its third effect in every process", async () => {
  const bare = await observe(interruptInTool);
  const { output, kills, effects, journal } = await killUntilDone({
    script,
    scenario: crashScenario(interruptInTool, bare.questions),
    url,
    sql: pool,
    paceMs: 2,
    nextKill: () => AFTER_MS,
  });
  expect(kills).toBeGreaterThanOrEqual(1);
  expectAsBare(bare, { output, effects, journal });
});

test("a node of twenty calls, killed after the 18th, goes on with the 19th in another process", async () => {
  const bare = await observe(twentyCalls);
  const { output, kills, effects, journal } = await killUntilDone({
    script,
    scenario: crashScenario(twentyCalls),
    url,
    sql: pool,
    paceMs: 1,
    nextKill: () => AFTER_MS,
  });
  expect(kills).toBe(1);
  expect(output).toEqual(bare.output);
  const byProcess = [...Map.groupBy(effects, ({ pid }) => pid).values()];
  const [first, second] = byProcess.map((of) => of.map(({ key }) => key.replace(/ in .*/, "")));
  expect(first).toHaveLength(36);
  expect(first?.at(-1)).toBe("tool: act do 18");
  expect(second).toEqual([
    'model: human "19" (1)',
    "tool: act do 19",
    'model: human "20" (1)',
    "tool: act do 20",
  ]);
  expect(rerunSteps(journal)).toEqual([]);
});

test("all scenarios in one process, killed again and again in the middle of them", async () => {
  const { output, kills, effects } = await killUntilDone({
    script,
    scenario: allAtOnce,
    url,
    sql: pool,
    paceMs: 1,
    nextKill: () => AFTER_MS,
  });
  expect(kills).toBeGreaterThanOrEqual(2);
  const store = await open();
  const came = output as readonly Came[];
  for (const [index, scenario] of together.entries()) {
    const { key, output } = came[index]!;
    const journal: Entry[] = [];
    for await (const entry of store.journal(idOfKey("run", "default", key))) journal.push(entry);
    const ofIt = effects.filter(({ key }) => key.startsWith(`${scenario.name}: `));
    expectAsBare(await observe(scenario), { output, effects: ofIt, journal });
  }
});

type Bare = Awaited<ReturnType<typeof observe>>;

function expectAsBare(
  bare: Bare,
  { output, effects, journal }: Pick<Killed, "output" | "effects" | "journal">,
): void {
  expect(output).toEqual(bare.output);
  expect(new Set(effects.map(({ key }) => key)).size).toBe(bare.effects.length);
  expect(effectViolations(effects, journal)).toEqual([]);
  expect(rerunSteps(journal)).toEqual([]);
  expect(journalViolations(journal)).toEqual([]);
}
