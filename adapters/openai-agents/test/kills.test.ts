// Real processes over a real Postgres, killed by SIGKILL again and again, each going on for the last.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  type Scenario as CrashScenario,
  effectViolations,
  inMemory,
  journalViolations,
  type Killed,
  killUntilDone,
  processesOf,
  rerunSteps,
  survive,
} from "../../../conformance/src/crash/index.ts";
import { type OpenAIServer, openAIServer } from "../../../conformance/src/http/index.ts";
import { testDatabase } from "../../../core/test/support/test-database.ts";
import { allAtOnce, LASTING, type Lasting } from "./all-at-once.ts";
import { crashScenario } from "./crash-scenario.ts";
import { answerOf, hello } from "./kept-by-openai.ts";
import { mcpHttpServer } from "./mcp-http-server.ts";
import { answerOf as refusingAnswerOf } from "./over-http.ts";
import { approvals } from "./scenarios/approvals.ts";
import { deepApprovals } from "./scenarios/deep-approvals.ts";

const { url, pool } = testDatabase();
const script = fileURLToPath(new URL("./kill-child.ts", import.meta.url));
/** Only for the case that a process hangs. */
const AFTER_MS = 15_000;

test("an app that asks, killed in its fourth effect in every process", async () => {
  const scenario = crashScenario(approvals);
  const { kills, ...killed } = await killedAgainAndAgain(scenario);
  expect(kills).toBeGreaterThanOrEqual(2);
  await expectAsIfUndisturbed(scenario, killed);
});

test("all scenarios in one process, killed again and again in the middle of them", async () => {
  const { kept, ...lasting } = await whatLasts();
  vi.stubEnv(LASTING, JSON.stringify(lasting));
  onTestFinished(() => void vi.unstubAllEnvs());
  const scenario = allAtOnce(lasting, kept);
  const { kills, parts } = await killedAgainAndAgain(scenario);
  expect(kills).toBeGreaterThanOrEqual(2);
  for (const [index, part] of scenario.parts!.entries()) {
    const { journal, ...came } = parts[index]!;
    // One that was over when a process died has no second one.
    expect(processesOf(journal), part.name).toBeGreaterThanOrEqual(2);
    await expectAsIfUndisturbed(part, { ...came, journal });
  }
});

test("an app killed in the tool that a person approved, and again, leaves one doubt, which a person settles", async () => {
  const scenario = crashScenario(deepApprovals);
  const { kills, ...killed } = await killedAgainAndAgain(scenario);
  expect(kills).toBeGreaterThanOrEqual(2);
  expect(killed.journal.filter(({ entry }) => entry === "in doubt")).toHaveLength(1);
  const made = killed.effects.filter(({ key }) => key.startsWith("tool: remove north"));
  expect(new Set(made.map(({ pid }) => pid)).size).toBe(2);
  expect(made).toHaveLength(2);
  await expectAsIfUndisturbed(scenario, killed);
});

function killedAgainAndAgain(scenario: CrashScenario): Promise<Killed> {
  const nextKill = () => AFTER_MS;
  return killUntilDone({ script, scenario, url, sql: pool, paceMs: 5, nextKill });
}

/** With servers and a directory of its own, until the test is over. */
async function whatLasts(): Promise<Lasting & Pick<OpenAIServer, "kept">> {
  const [keeping, conversing, refusing, mcp] = await Promise.all([
    openAIServer({ answer: answerOf }),
    openAIServer({ answer: answerOf }),
    openAIServer({ answer: refusingAnswerOf }),
    mcpHttpServer(),
  ]);
  const directory = await mkdtemp(join(tmpdir(), "holdfast-sessions-"));
  onTestFinished(async () => {
    const servers = [keeping, conversing, refusing, mcp];
    await Promise.all(servers.map((server) => server.close()));
    await rm(directory, { recursive: true });
  });
  const { url } = keeping;
  return {
    directory,
    url,
    previousResponseId: await hello(url),
    conversing: conversing.url,
    refusing: refusing.url,
    mcp: mcp.url,
    kept: conversing.kept,
  };
}

async function expectAsIfUndisturbed(
  scenario: CrashScenario,
  { output, effects, journal }: Pick<Killed, "output" | "effects" | "journal">,
): Promise<void> {
  const { ending, outside } = await survive(scenario, { database: inMemory() });
  expect({ is: "returned", output }).toEqual(ending);
  expect(new Set(effects.map(({ key }) => key))).toEqual(new Set(outside.counts.keys()));
  expect(effectViolations(effects, journal)).toEqual([]);
  expect(rerunSteps(journal)).toEqual([]);
  expect(journalViolations(journal)).toEqual([]);
}
