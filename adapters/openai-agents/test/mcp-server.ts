// A server of MCP on its standard input and output.
import { createInterface } from "node:readline";
import { answerOf, type Message } from "./mcp-welder.ts";

for await (const line of createInterface({ input: process.stdin })) {
  const answer = answerOf(JSON.parse(line) as Message);
  if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer)}\n`);
}
