// Real processes over a real Postgres, killed by SIGKILL again and again, each going on for the last.
import { fileURLToPath } from "node:url";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  type Scenario as CrashScenario,
  effectViolations,
  inMemory,
  journalViolations,
  type Killed,
  killUntilDone,
  rerunSteps,
  survive,
} from "../../../conformance/src/crash/index.ts";
import { openAIServer } from "../../../conformance/src/http/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { allAtOnce, allThatAsk, allWithOthers, together } from "./all-at-once.ts";
import { approval, paid } from "./approval.ts";
import { observeAsking } from "./asking-scenario.ts";
import { askingScenarios } from "./asking-scenarios.ts";
import { byCommand } from "./by-command.ts";
import { crashScenario, observe } from "./crash-scenario.ts";
import { asLine, isState, oneByOne, oneByOneForm, toldIn } from "./one-by-one.ts";
import { interruptInNode } from "./scenarios/interrupt-in-node.ts";
import { interruptInTool } from "./scenarios/interrupt-in-tool.ts";
import { twentyCalls } from "./scenarios/twenty-calls.ts";
import { bare as streamed } from "./streamed.ts";

const { url, pool } = testDatabase();
const script = fileURLToPath(new URL("./kill-child.ts", import.meta.url));
/** Only for the case that a process hangs. */
const AFTER_MS = 15_000;

test("an app that asks, killed before its third effect in every process", async () => {
  const bare = await observe(interruptInTool);
  const { output, kills, effects, journal } = await killAgainAndAgain(
    crashScenario(interruptInTool, bare.questions),
    2,
  );
  expect(kills).toBeGreaterThanOrEqual(1);
  expectAsBare(bare, { output, effects, journal });
});

test("a node of twenty calls, killed after the 18th, goes on with the 19th in another process", async () => {
  const bare = await observe(twentyCalls);
  const { output, kills, effects, journal } = await killAgainAndAgain(crashScenario(twentyCalls));
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
  const { kills, parts } = await killAgainAndAgain(allAtOnce);
  expect(kills).toBeGreaterThanOrEqual(2);
  for (const [index, scenario] of together.entries()) {
    expectAsBare(await observe(scenario), parts[index]!);
  }
});

test("all that ask in one process, killed again and again in the middle of them", async () => {
  const inNode = await observe(interruptInNode);
  const bare = [...(await Promise.all(askingScenarios.map(observeAsking))), inNode];
  const { kills, parts } = await killAgainAndAgain(allThatAsk(inNode.questions));
  expect(kills).toBeGreaterThanOrEqual(2);
  for (const [index, expected] of bare.entries()) expectAsBare(expected, parts[index]!);
  expectAsBare(await undisturbed(byCommand), parts.at(-1)!);
});

test("all that have to do with others in one process, killed again and again", async () => {
  const saver = new PostgresSaver(pool);
  await saver.setup();
  const server = await openAIServer();
  onTestFinished(() => server.close());
  vi.stubEnv("OPENAI_BASE_URL", server.url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const scenario = allWithOthers({ saver, baseURL: server.url });
  const { kills, parts } = await killAgainAndAgain(scenario);
  expect(kills).toBeGreaterThanOrEqual(2);
  for (const [index, part] of scenario.parts!.entries()) {
    const { effects, ...killed } = parts[index]!;
    const isTold = ({ key }: { readonly key: string }) => toldIn(key) !== undefined;
    const expected = await undisturbed(part);
    expectAsBare(
      { ...expected, effects: expected.effects.filter((key) => !isTold({ key })) },
      { ...killed, effects: effects.filter((effect) => !isTold(effect)) },
    );
  }
  const [whole] = await streamed(oneByOne, oneByOneForm);
  expectTold(whole!.map(asLine), parts[0]!.effects);
});

/**
 * Each process tells a piece of the whole, the first one the beginning, and none a state that was told
 * before. Who is killed while they read the end of a run that is over is not told it again.
 */
function expectTold(whole: readonly string[], effects: Killed["effects"]): void {
  const byProcess = [...Map.groupBy(effects, ({ pid }) => pid).values()].map((of) =>
    of.flatMap(({ key }) => toldIn(key) ?? []),
  );
  expect(byProcess.length).toBeGreaterThan(1);
  expect(byProcess[0]?.[0]).toBe(whole[0]);
  for (const told of byProcess) {
    const begin = told.length === 0 ? 0 : whole.indexOf(told[0]!);
    expect(told).toEqual(whole.slice(begin, begin + told.length));
  }
  // If nothing was durable when it died, the next begins anew.
  const begin = byProcess.findLastIndex(([line]) => line === whole[0]);
  const states = byProcess.slice(begin).flat().filter(isState);
  expect(states.toSorted()).toEqual([...new Set(states)].toSorted());
}

test("a call that a person approved, killed when it has been made, is settled and not made again", async () => {
  const { kills, ...killed } = await killAgainAndAgain(approval);
  expect(kills).toBeGreaterThanOrEqual(2);
  expectAsBare(await undisturbed(approval), killed);
  expect(killed.effects.filter(({ key }) => key === paid)).toHaveLength(1);
});

/** @param paceMs how long an effect takes */
function killAgainAndAgain(scenario: CrashScenario, paceMs = 1): Promise<Killed> {
  return killUntilDone({ script, scenario, url, sql: pool, paceMs, nextKill: () => AFTER_MS });
}

/** What a scenario comes to that nobody kills. */
async function undisturbed(scenario: CrashScenario): Promise<Bare> {
  const { ending, outside } = await survive(scenario, { database: inMemory() });
  if (ending.is === "threw") throw ending.error;
  return { output: ending.output, effects: [...outside.counts.keys()] };
}

type Bare = Pick<Awaited<ReturnType<typeof observe>>, "output" | "effects">;

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
