// Real processes on a real Postgres, killed again and again: the last one returns what ADK alone does.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { inMemory, survive } from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { askedAndAnswered } from "./asking.ts";
import { sharedState } from "./clerk.ts";
import { crashScenario } from "./crash-scenario.ts";
import { type GeminiServer, geminiServer } from "./gemini-server.ts";
import { inOneTurn } from "./in-one-turn.ts";
import { keptThings } from "./kept-things.ts";
import { expectUnharmed, killAgainAndAgain } from "./killed.ts";
import { confirmed, confirmedInAgentTool } from "./scenarios/confirmation.ts";
import { parallel } from "./scenarios/parallel.ts";
import { type PlainTurn, runBare } from "./scenarios/run-bare.ts";
import { LISTS, MCP_LOG, mcpStdio } from "./served.ts";

const database = testDatabase();

afterEach(() => vi.unstubAllEnvs());

describe("killed by SIGKILL in or right after an effect, in every process", () => {
  // Of effects that are under way at once, each process gets beyond some: else none would ever be done.
  test.each([
    { scenario: parallel, effect: 5, leastKills: 2 },
    { scenario: confirmed, effect: 2, leastKills: 1 },
    { scenario: confirmedInAgentTool, effect: 3, leastKills: 1 },
  ])("$scenario.name", async ({ scenario, effect, leastKills }) => {
    const keys = new Set<string>();
    const turns = await runBare(scenario, async (key) => void keys.add(key));
    const killed = await killAgainAndAgain(crashScenario(scenario), database, { effect });
    const { output, kills, effects } = killed;
    expect(kills).toBeGreaterThanOrEqual(leastKills);
    const sorted = ({ events, state }: PlainTurn) => ({ events: [...events].sort(), state });
    // Who comes first is chance where branches race; what ADK alone does where it asks nobody, is not meant.
    if (scenario.unlikeBare === undefined && scenario !== parallel) {
      expect(sorted(output as PlainTurn)).toEqual(sorted(inOneTurn(scenario, turns)));
      expect(new Set(effects.map(({ key }) => key))).toEqual(keys);
    }
    expectUnharmed(killed);
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
    { scenario: askedAndAnswered("again"), effect: 2, leastKills: 1, calls: 0 },
    { scenario: keptThings, effect: 4, leastKills: 1, calls: 2 },
    { scenario: sharedState, effect: 2, leastKills: 1, calls: 0 },
  ])("$scenario.name", async ({ scenario, effect, leastKills, calls }) => {
    const { ending, outside } = await survive(scenario, { database: inMemory() });
    expect(server.calls).toBe(calls);
    const killed = await killAgainAndAgain(scenario, database, { effect });
    const { output, kills, effects } = killed;
    expect(kills).toBeGreaterThanOrEqual(leastKills);
    expect(ending).toEqual({ is: "returned", output });
    expect(new Set(effects.map(({ key }) => key))).toEqual(new Set(outside.counts.keys()));
    // No process made a call again but the one that was under way when one before it died.
    expect(server.calls - calls).toBeLessThanOrEqual(calls + kills);
    expectUnharmed(killed);
  });
});

test("all that a server of MCP was asked is on record when its client is killed, and it is gone", async () => {
  const dir = await mkdtemp(join(tmpdir(), "holdfast-mcp-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const log = join(dir, "log");
  vi.stubEnv(MCP_LOG, log);
  // In its third call of the model, long after it had the answer before.
  const paceMs = 300;
  const killed = await killAgainAndAgain(mcpStdio, database, { effect: 3, afterMs: 250 }, paceMs);
  const { output, kills } = killed;
  expect(kills).toBe(1);
  expect(output).toMatchObject({ output: expect.stringMatching(/did one.*did two/) });
  const asked = (await readFile(log, "utf8")).split("\n");
  const calls = asked.filter((line) => line.startsWith("tools/call"));
  expect(calls).toEqual(["tools/call one", "tools/call two"]);
  // Each is asked in a session of its own.
  expect(asked.filter((line) => line === "initialize")).toHaveLength(LISTS + 2);
  expectUnharmed(killed);
});
