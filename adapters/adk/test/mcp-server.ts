// A server of MCP on its standard input and output. What it is asked is written to the file it is given.
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";

interface Request {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly protocolVersion?: string };
}

const [log = "", ...names] = process.argv.slice(2);

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  if (request.id === undefined) continue;
  appendFileSync(log, `${request.method} ${request.params?.name ?? ""}`.trim().concat("\n"));
  const answer = { jsonrpc: "2.0", id: request.id, result: resultOf(request) };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function resultOf({ method, params }: Request): unknown {
  if (method === "initialize") {
    const serverInfo = { name: "tools", version: "1" };
    return { protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo };
  }
  if (method === "tools/call") return { content: [{ type: "text", text: `did ${params?.name}` }] };
  const inputSchema = { type: "object", properties: {} };
  return { tools: names.map((name) => ({ name, description: `Does ${name}.`, inputSchema })) };
}
