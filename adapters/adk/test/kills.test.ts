// Real processes on a real Postgres, killed again and again: the last one returns what ADK alone does.
import { fileURLToPath } from "node:url";
import type { Entry } from "@holdfast/core/store";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type Scenario as CrashScenario,
  effectViolations,
  inMemory,
  journalViolations,
  killUntilDone,
  rerunSteps,
  survive,
} from "../../../conformance/src/crash/index.ts";
import { Random } from "../../../conformance/src/fuzz/random.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { allAtOnce, orFailure, together } from "./all-at-once.ts";
import { askedAndAnswered } from "./asking.ts";
import { sharedState } from "./clerk.ts";
import { crashScenario } from "./crash-scenario.ts";
import { type GeminiServer, geminiServer } from "./gemini-server.ts";
import { inOneTurn } from "./in-one-turn.ts";
import { keptThings } from "./kept-things.ts";
import { confirmed, confirmedInAgentTool } from "./scenarios/confirmation.ts";
import { scenarios } from "./scenarios/index.ts";
import { parallel } from "./scenarios/parallel.ts";
import { type PlainTurn, runBare } from "./scenarios/run-bare.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { whoeverIsFirst } from "./whoever-is-first.ts";

const { url, pool } = testDatabase();
const script = fileURLToPath(new URL("kill-child.ts", import.meta.url));
const seed = Number(process.env.HOLDFAST_KILL_SEED ?? Date.now() % 1_000_000_000);
console.log(`HOLDFAST_KILL_SEED=${seed}`);
const random = new Random(seed);

/** How long an effect takes. */
const PACE_MS = 10;
/** Only for the case that a process hangs. */
const HANGS_AFTER_MS = 15_000;

afterEach(() => vi.unstubAllEnvs());

describe("killed by SIGKILL in or right after an effect, in every process", () => {
  // Of effects that are under way at once, each process gets beyond some: else none would ever be done.
  test.each([
    { scenario: parallel, effect: 5, leastKills: 2 },
    { scenario: confirmed, effect: 2, leastKills: 1 },
    { scenario: confirmedInAgentTool, effect: 3, leastKills: 1 },
  ])("$scenario.name", async ({ scenario, effect, leastKills }) => {
    const afterMs = random.below(2 * PACE_MS);
    vi.stubEnv("HOLDFAST_TEST_DIE", JSON.stringify({ effect, afterMs }));
    const keys = new Set<string>();
    const turns = await runBare(scenario, async (key) => void keys.add(key));
    const { output, kills, effects, journal } = await killUntilDone({
      script,
      scenario: crashScenario(scenario),
      url,
      sql: pool,
      paceMs: PACE_MS,
      nextKill: () => HANGS_AFTER_MS,
    });

    expect(kills).toBeGreaterThanOrEqual(leastKills);
    const sorted = ({ events, state }: PlainTurn) => ({ events: [...events].sort(), state });
    // Who comes first is chance where branches race; what ADK alone does where it asks nobody, is not meant.
    if (scenario.unlikeBare === undefined && scenario !== parallel) {
      expect(sorted(output as PlainTurn)).toEqual(sorted(inOneTurn(scenario, turns)));
      expect(new Set(effects.map(({ key }) => key))).toEqual(keys);
    }
    expect(effectViolations(effects, journal)).toEqual([]);
    expect(rerunSteps(journal)).toEqual([]);
    expect(journalViolations(journal)).toEqual([]);
  });
});

describe("killed in the same way, and equal to a run in memory that was not", () => {
  let server: GeminiServer;
  beforeEach(async () => {
    server = await geminiServer();
    vi.stubEnv("GOOGLE_GEMINI_BASE_URL", server.url);
    vi.stubEnv("GEMINI_API_KEY", "secret-key");
  });
  afterEach(() => server.close());

  test.each([
    { scenario: askedAndAnswered(true), effect: 2, leastKills: 1, calls: 0 },
    { scenario: keptThings, effect: 4, leastKills: 1, calls: 2 },
    { scenario: sharedState, effect: 2, leastKills: 1, calls: 0 },
  ])("$scenario.name", async ({ scenario, effect, leastKills, calls }) => {
    const { ending, outside } = await survive(scenario, { database: inMemory() });
    expect(server.calls).toBe(calls);
    const afterMs = random.below(2 * PACE_MS);
    vi.stubEnv("HOLDFAST_TEST_DIE", JSON.stringify({ effect, afterMs }));
    const killed = await killUntilDone({
      script,
      scenario,
      url,
      sql: pool,
      paceMs: PACE_MS,
      nextKill: () => HANGS_AFTER_MS,
    });
    const { output, kills, effects, journal } = killed;
    expect(kills).toBeGreaterThanOrEqual(leastKills);
    expect(ending).toEqual({ is: "returned", output });
    expect(new Set(effects.map(({ key }) => key))).toEqual(new Set(outside.counts.keys()));
    // No process made a call again but the one that was under way when one before it died.
    expect(server.calls - calls).toBeLessThanOrEqual(calls + kills);
    expect(effectViolations(effects, journal)).toEqual([]);
    expect(rerunSteps(journal)).toEqual([]);
    expect(journalViolations(journal)).toEqual([]);
  });
});

test("all scenarios beside each other in one process, killed again and again in the middle of them", async () => {
  const afterMs = random.below(2 * PACE_MS);
  // More than are ever under way at once.
  vi.stubEnv("HOLDFAST_TEST_DIE", JSON.stringify({ effect: 75, afterMs }));
  const { kills, parts } = await killUntilDone({
    script,
    scenario: allAtOnce,
    url,
    sql: pool,
    paceMs: PACE_MS,
    nextKill: () => HANGS_AFTER_MS,
  });
  console.log(
    "KILLS",
    kills,
    parts.reduce((n, p) => n + p.effects.length, 0),
    parts.length,
  );
  expect(kills).toBeGreaterThanOrEqual(2);
  const unharmed: string[] = [];
  for (const [index, durable] of together.entries()) {
    const plain = scenarios[index];
    const { output, effects, journal } = parts[index]!;
    const came = { output, effects: new Set(effects.map(({ key }) => key)) };
    expect(settled(came, plain), durable.name).toEqual(await undisturbed(durable, plain));
    expect(effectViolations(effects, journal)).toEqual([]);
    expect(rerunSteps(journal)).toEqual([]);
    expect(journalViolations(journal)).toEqual([]);
    if (processesOf(journal) === 1) unharmed.push(durable.name);
  }
  // Who is on the way when a process dies, is chance: nearly all are.
  expect(unharmed.length).toBeLessThan(together.length / 4);
});

interface Outcome {
  readonly output: unknown;
  readonly effects: ReadonlySet<string>;
}

/** With ADK alone; of what ADK alone does not do as is meant, in a process that nobody kills. */
async function undisturbed(durable: CrashScenario, plain?: Scenario): Promise<Outcome> {
  if (plain !== undefined && plain.unlikeBare === undefined) {
    const effects = new Set<string>();
    const turns = await runBare(plain, async (key) => void effects.add(key));
    return settled({ output: inOneTurn(plain, turns), effects }, plain);
  }
  const { ending, outside } = await survive(orFailure(durable), { database: inMemory() });
  if (ending.is === "threw") throw ending.error;
  return settled({ output: ending.output, effects: new Set(outside.counts.keys()) }, plain);
}

function settled({ output, effects }: Outcome, plain?: Scenario): Outcome {
  if (plain?.racing === undefined) return { output, effects };
  return { output: whoeverIsFirst(plain, output as PlainTurn), effects };
}

/** How many have had the run. */
function processesOf(journal: readonly Entry[]): number {
  const attempts = journal.filter(({ entry }) => entry === "attempt");
  return new Set(attempts.map(({ value }) => JSON.parse(value!).pid as number)).size;
}
