// Real processes over a real Postgres, killed by SIGKILL again and again, each going on for the last.
import { expect, test } from "vitest";
import { rerunSteps } from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { allAtOnce, allThatAsk, together } from "./all-at-once.ts";
import { approval, paid } from "./approval.ts";
import { observeAsking } from "./asking-scenario.ts";
import { askingScenarios } from "./asking-scenarios.ts";
import { byCommand } from "./by-command.ts";
import { crashScenario, observe } from "./crash-scenario.ts";
import { diaryInTwoTurns } from "./diary.ts";
import { givenUp, observeGivenUp } from "./given-up.ts";
import { expectAsBare, killAgainAndAgain, undisturbed } from "./killed.ts";
import { interruptInNode } from "./scenarios/interrupt-in-node.ts";
import { interruptInTool } from "./scenarios/interrupt-in-tool.ts";
import { twentyCalls } from "./scenarios/twenty-calls.ts";
import { updated } from "./updated.ts";

const database = testDatabase();

test("an app that asks, killed before its third effect in every process", async () => {
  const bare = await observe(interruptInTool);
  const { output, kills, effects, journal } = await killAgainAndAgain(
    crashScenario(interruptInTool, bare.questions),
    database,
    2,
  );
  expect(kills).toBeGreaterThanOrEqual(1);
  expectAsBare(bare, { output, effects, journal });
});

test("a node of twenty calls, killed after the 18th, goes on with the 19th in another process", async () => {
  const bare = await observe(twentyCalls);
  const { output, kills, effects, journal } = await killAgainAndAgain(
    crashScenario(twentyCalls),
    database,
  );
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
  const { kills, parts } = await killAgainAndAgain(allAtOnce, database);
  expect(kills).toBeGreaterThanOrEqual(2);
  const bare = [...givenUp.map(observeGivenUp), ...together.map(observe)];
  const others = allAtOnce.parts!.slice(bare.length).map(undisturbed);
  for (const [index, expected] of (await Promise.all([...bare, ...others])).entries()) {
    expectAsBare(expected, parts[index]!);
  }
});

test("all that ask in one process, killed again and again in the middle of them", async () => {
  const inNode = await observe(interruptInNode);
  const asking = await Promise.all(askingScenarios.map(observeAsking));
  const others = await Promise.all([byCommand, diaryInTwoTurns, updated].map(undisturbed));
  const { kills, parts } = await killAgainAndAgain(allThatAsk(inNode.questions), database);
  expect(kills).toBeGreaterThanOrEqual(2);
  for (const [index, expected] of [...asking, inNode, ...asking, ...others].entries()) {
    expectAsBare(expected, parts[index]!);
  }
});

test("a call that a person approved, killed when it has been made, is settled and not made again", async () => {
  const { kills, ...killed } = await killAgainAndAgain(approval, database);
  expect(kills).toBeGreaterThanOrEqual(2);
  expectAsBare(await undisturbed(approval), killed);
  expect(killed.effects.filter(({ key }) => key === paid)).toHaveLength(1);
});
