// ADK's own client for Gemini, over HTTP, whole and in pieces: what was answered is not asked for again.
import type { LlmAgent } from "@google/adk";
import { Runtime } from "@holdfast/core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import {
  type CrashDatabase,
  everyPoint,
  inMemory,
  survive,
} from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { callsOnce } from "./calls-once.ts";
import { crashScenario } from "./crash-scenario.ts";
import { type GeminiServer, geminiServer } from "./gemini-server.ts";
import { sayingWhoCalls } from "./http-server.ts";
import { runBare } from "./scenarios/run-bare.ts";
import { CALLS, modes, watcher, watchers } from "./watchers.ts";

let server: GeminiServer;
beforeAll(async () => {
  server = await geminiServer();
  vi.stubEnv("GOOGLE_GEMINI_BASE_URL", server.url);
  vi.stubEnv("GEMINI_API_KEY", "secret-key");
  vi.stubGlobal("fetch", sayingWhoCalls(fetch));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  await server.close();
});

const open: Runtime[] = [];
afterEach(() => Promise.all(open.splice(0).map((runtime) => runtime.close())));

const quiet = async () => {};
const named = (): LlmAgent => watcher(quiet, "named", "gemini-2.5-flash");

async function start(database: CrashDatabase): Promise<Runtime> {
  const runtime = new Runtime({ store: await database.open() });
  open.push(runtime);
  return runtime;
}

test.each(modes)(
  "%s: killed at every point, it asks for nothing that is on record",
  async (mode) => {
    const callsOf = (who: string) => server.callsOf.get(who) ?? 0;
    const scenario = callsOnce(crashScenario(watchers(mode)), ["model"], callsOf);
    const report = await everyPoint(scenario, { database: inMemory, atOnce: 24 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
    const { ending, journal } = await survive(scenario, { database: inMemory() });
    const [bare] = await runBare(watchers(mode), quiet);
    expect(bare!.events.at(-1)).toContain("saw");
    expect(bare!.events.some((event) => event.includes("(partial)"))).toBe(mode === "sse");
    const output = { output: bare, calls: CALLS, recorded: CALLS };
    expect(ending).toEqual({ is: "returned", output });
    expect(journal.filter(({ entry }) => entry === "lossy")).toEqual([]);
  },
);

test("a run that is over makes no call at all, and the key is nowhere on record", async () => {
  const database = inMemory();
  const options = { durable: { runId: "r" } };
  const first = await (await start(database)).run(named(), "Look.", options);
  const { calls } = server;
  expect(await (await start(database)).run(named(), "Look.", options)).toEqual(first);
  expect(server.calls).toBe(calls);
  const steps = await (await start(database)).handle("r").steps();
  expect(JSON.stringify(steps)).not.toContain("secret-key");
  vi.stubGlobal("fetch", sayingWhoCalls(fetch));
});

test("what the server refuses is what the run fails with", async () => {
  const runtime = await start(inMemory());
  await expect(runtime.run(named(), "Please fail.")).rejects.toThrow("No.");
});
