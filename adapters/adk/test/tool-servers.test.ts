// Tools that a server has: each call is made once, wherever the process is killed, and none when both are on record.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import { callsOnce } from "./calls-once.ts";
import { sayingWhoCalls } from "./http-server.ts";
import { LISTS, mcpHttp, openApi, TOOL_SERVER } from "./served.ts";
import { type ToolServer, toolServer } from "./tool-server.ts";

let server: ToolServer;
beforeAll(async () => {
  server = await toolServer();
  vi.stubEnv(TOOL_SERVER, server.url);
  vi.stubGlobal("fetch", sayingWhoCalls(fetch));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  await server.close();
});

test.each([
  { scenario: openApi, lists: 0 },
  { scenario: mcpHttp, lists: LISTS },
])("$scenario.name", async ({ scenario: plain, lists }) => {
  const callsOf = (who: string) => server.callsOf.get(who)?.length ?? 0;
  const scenario = callsOnce(plain, ["tool"], callsOf);
  const report = await everyPoint(scenario, { database: inMemory, atOnce: 24 });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
  const { ending, journal } = await survive(scenario, { database: inMemory() });
  const answers = expect.stringMatching(/did.*one.*did.*two/);
  expect(ending).toMatchObject({
    is: "returned",
    output: { output: { output: answers }, calls: 2, recorded: 2 },
  });
  expect(
    journal.filter(({ entry, name }) => entry === "started" && name === "list tools"),
  ).toHaveLength(lists);
});
