// Real servers of MCP, over pipes and over HTTP: a crash anywhere has them do nothing again that is on
// record.
import { type MCPServer, run } from "@openai/agents";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import { namesOf } from "./crash-scenario.ts";
import { type HttpServer, mcpHttpServer } from "./mcp-http-server.ts";
import { asksServer, overHttp, overPipes, welder } from "./mcp-scenarios.ts";
import { replayed } from "./replayed.ts";
import { plain } from "./scenarios/plain.ts";
import "../src/index.ts";

let http: HttpServer;
const connected = new Map<string, MCPServer>();
beforeAll(async () => {
  http = await mcpHttpServer();
  for (const server of [overPipes(), overHttp(http.url)]) {
    await server.connect();
    connected.set(server.name, server);
  }
});
afterAll(async () => {
  for (const server of connected.values()) await server.close();
  await http.close();
});

describe.each(["pipes", "http"])("over %s", (name) => {
  const scenario = () => asksServer(name, () => sharing(connected.get(name)!));

  test("it comes to what it comes to with the SDK alone", async () => {
    const effects: string[] = [];
    const app = welder(connected.get(name)!, async (effect) => void effects.push(effect));
    const bare = plain(await run(app, "Go.", { context: { notes: {} } }));
    const { ending, outside } = await survive(replayed(scenario()), { database: inMemory() });
    expect(ending).toEqual({ is: "returned", output: bare });
    expect(namesOf(outside.counts.keys())).toEqual(effects.sort());
  });

  test("is killed at every write and every effect, and nobody can tell", async () => {
    const report = await everyPoint(scenario(), { database: inMemory, atOnce: 24 });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  });
});

/** Simulated processes share one connection: real ones are killed with their own (`kills.test.ts`). */
function sharing(server: MCPServer): MCPServer {
  const { name, cacheToolsList } = server;
  return {
    name,
    cacheToolsList,
    async connect() {},
    async close() {},
    invalidateToolsCache: () => server.invalidateToolsCache(),
    listTools: () => server.listTools(),
    callTool: (...asked) => server.callTool(...asked),
  };
}
