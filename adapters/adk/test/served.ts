// Agents that call the tools `one` and `two` of a server, by an OpenAPI document and by MCP. Once all that
// is asked of the server is on record, it is gone.
import { type BaseToolset, OpenAPIToolset } from "@google/adk";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import { caller } from "./caller.ts";
import { recordedCalls } from "./calls-once.ts";
import { mcpHttpToolset, mcpToolset } from "./mcp-toolset.ts";
import { oneTurn } from "./one-turn.ts";

/** Where the server is, a URL. */
export const TOOL_SERVER = "HOLDFAST_TEST_TOOL_SERVER";
/** Where the server of `mcpStdio`, which each session starts, writes down what it is asked. */
export const MCP_LOG = "HOLDFAST_TEST_MCP_LOG";

/** ADK asks twice which tools there are before each of its three calls of the model. */
export const LISTS = 6;

export const openApi: Scenario = served("openapi", 2, (url) => {
  const get = (operationId: string) => ({
    get: { operationId, summary: operationId, responses: { "200": { description: "It." } } },
  });
  const specDict = {
    openapi: "3.0.0",
    info: { title: "t", version: "1" },
    servers: [{ url }],
    paths: { "/one": get("one"), "/two": get("two") },
  };
  return new OpenAPIToolset({ specDict });
});

export const mcpHttp: Scenario = served("mcp-http", LISTS + 2, (url) =>
  mcpHttpToolset(`${url}/mcp`),
);

export const mcpStdio: Scenario = served("mcp-stdio", LISTS + 2, (_, isGone) =>
  mcpToolset(process.env[MCP_LOG]!, isGone ? [] : ["one", "two"]),
);

/** @param asks how often the server is asked, uninterrupted */
function served(
  name: string,
  asks: number,
  toolset: (url: string, isGone: boolean) => BaseToolset,
): Scenario {
  return {
    name,
    async run(child) {
      const isGone = (await recordedCalls(child, ["tool", "mcp"])) === asks;
      const server = isGone ? "http://127.0.0.1:1" : process.env[TOOL_SERVER];
      const tools = [toolset(`${server}/${name}`, isGone)];
      return oneTurn(name, (effect) => caller(effect, tools, ["one", "two"])).run(child);
    },
  };
}
