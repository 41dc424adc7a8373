// A server of MCP on its standard input and output. What it is asked is written to the file it is given.
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { type McpRequest, mcpAnswer } from "./mcp-answers.ts";

const [log = "", ...names] = process.argv.slice(2);

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as McpRequest;
  if (request.id === undefined) continue;
  appendFileSync(log, `${request.method} ${request.params?.name ?? ""}`.trim().concat("\n"));
  process.stdout.write(`${mcpAnswer(request, names)}\n`);
}
