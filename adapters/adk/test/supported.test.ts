import { MCPToolset } from "@google/adk/tools/mcp";
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { SUPPORTED } from "../src/index.ts";
import { isOfServer } from "../src/toolset-step.ts";

test("the tested range is the one that npm holds users to", () => {
  expect(manifest.peerDependencies["@google/adk"]).toBe(SUPPORTED);
});

test("ADK's toolset for MCP is known by what holds its sessions", () => {
  const toolset = new MCPToolset({
    type: "StreamableHTTPConnectionParams",
    url: "http://127.0.0.1:1/",
  });
  expect(isOfServer(toolset)).toBe(true);
});
