// A server of MCP on its standard input and output, with one tool that counts its calls.
import { createInterface } from "node:readline";

let calls = 0;

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "welder", version: "1.0.0" },
  }),
  "tools/list": () => ({
    tools: [
      {
        name: "weld",
        description: "Welds.",
        inputSchema: { type: "object", properties: { part: { type: "string" } } },
      },
    ],
  }),
  "tools/call": ({ arguments: { part } }) => {
    calls += 1;
    return { content: [{ type: "text", text: `welded ${part}, call ${calls}` }] };
  },
  ping: () => ({}),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const result = answers[method]?.(params);
  const error = { code: -32601, message: `There is no ${method}.` };
  const answer = { jsonrpc: "2.0", id, ...(result === undefined ? { error } : { result }) };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
