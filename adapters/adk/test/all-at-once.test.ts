// All scenarios in real processes on a real Postgres, killed in the middle of them: servers and people outlive those.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  type Scenario as CrashScenario,
  inMemory,
  processesOf,
  survive,
} from "../../../conformance/src/crash/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { allAtOnce, orFailure, together } from "./all-at-once.ts";
import { type GeminiServer, geminiServer } from "./gemini-server.ts";
import { inOneTurn } from "./in-one-turn.ts";
import { expectUnharmed, killAgainAndAgain } from "./killed.ts";
import { type PlainTurn, runBare } from "./scenarios/run-bare.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { mcpHttp, openApi, TOOL_SERVER } from "./served.ts";
import { type ToolServer, toolServer } from "./tool-server.ts";
import { asking, CALLS, modes, watchers } from "./watchers.ts";
import { whoeverIsFirst } from "./whoever-is-first.ts";

const database = testDatabase();

let gemini: GeminiServer;
let tools: ToolServer;
beforeAll(async () => {
  [gemini, tools] = await Promise.all([geminiServer(), toolServer()]);
  vi.stubEnv("GOOGLE_GEMINI_BASE_URL", gemini.url);
  vi.stubEnv("GEMINI_API_KEY", "secret-key");
  vi.stubEnv(TOOL_SERVER, tools.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([gemini.close(), tools.close()]);
});

test("all scenarios beside each other in one process, killed again and again in the middle of them", async () => {
  // More than are ever under way at once.
  const { kills, parts } = await killAgainAndAgain(allAtOnce, database, { effect: 90 });
  expect(kills).toBeGreaterThanOrEqual(2);
  const calls = callsOfServers();
  const unharmed: string[] = [];
  for (const [index, { durable, plain }] of together.entries()) {
    const { name } = durable;
    const part = parts[index]!;
    const { output, effects, journal } = part;
    const came = { output, effects: new Set(effects.map(({ key }) => key)) };
    expect(settled(came, plain), name).toEqual(await undisturbed(durable, plain));
    expectUnharmed(part);
    const deaths = processesOf(journal) - 1;
    if (deaths === 0) unharmed.push(name);
    const served = calls.get(name);
    if (served === undefined) continue;
    // No process makes a call again but the one that was under way when one before it died.
    expect(served.made, name).toBeGreaterThanOrEqual(served.least);
    expect(served.made, name).toBeLessThanOrEqual(served.least + deaths);
  }
  // Who is on the way when a process dies, is chance: nearly all are.
  expect(unharmed.length).toBeLessThan(together.length / 4);
});

interface Calls {
  readonly made: number;
  /** Uninterrupted. */
  readonly least: number;
}

/** Of the scenarios that ask servers, as those have seen it. */
function callsOfServers(): ReadonlyMap<string, Calls> {
  const calls = new Map<string, Calls>();
  for (const mode of modes) {
    const made = gemini.callsOf.get(asking(mode)) ?? 0;
    calls.set(watchers(mode).name, { made, least: CALLS });
  }
  for (const { name } of [openApi, mcpHttp]) {
    calls.set(name, { made: tools.callsOf.get(name)?.length ?? 0, least: 2 });
  }
  return calls;
}

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
