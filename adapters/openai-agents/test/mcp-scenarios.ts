// An agent with a real server of MCP: over HTTP it outlives the processes that ask it, over pipes it is
// one of them.
import { fileURLToPath } from "node:url";
import {
  type Agent,
  type MCPServer,
  MCPServerStdio,
  MCPServerStreamableHttp,
} from "@openai/agents";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { agentThatCalls } from "./agent-that-calls.ts";
import { place } from "./crash-scenario.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect, Notes } from "./scenarios/scenario.ts";

export function overPipes(): MCPServer {
  const args = [fileURLToPath(new URL("./mcp-server.ts", import.meta.url))];
  return new MCPServerStdio({ name: "pipes", command: process.execPath, args });
}

export function overHttp(url: string): MCPServer {
  return new MCPServerStreamableHttp({ name: "http", url });
}

/** Two calls of the server's tool and one of another, side by side. */
export function welder(server: MCPServer, effect: Effect): Agent<Notes> {
  const weld = (part: string) => ({ name: "weld", args: { part }, id: part });
  const calls = [weld("arm"), { name: "test", args: { q: "arm" }, id: "c1" }, weld("leg")];
  const agent = agentThatCalls(effect, calls, [fakeTool(effect, "test")]);
  agent.mcpServers = [new Reporting(server, effect)];
  return agent;
}

/** @param made a server that is not connected yet, for each process */
export function asksServer(name: string, made: () => MCPServer): CrashScenario {
  return {
    name,
    async run({ runtime, runId, effect }) {
      const server = made();
      await server.connect();
      try {
        const options = { context: { notes: {} }, durable: { runId } };
        const app = welder(server, (name) => effect(`${name}${place()}`));
        return plain(await runtime.run(app, "Go.", options));
      } finally {
        await server.close();
      }
    },
  };
}

/** What the server has answered is an effect. How often it was called is its own affair. */
class Reporting implements MCPServer {
  readonly cacheToolsList = false;
  readonly #server: MCPServer;
  readonly #effect: Effect;

  constructor(server: MCPServer, effect: Effect) {
    this.#server = server;
    this.#effect = effect;
  }

  get name(): string {
    return this.#server.name;
  }

  async connect() {}
  async close() {}

  invalidateToolsCache() {
    return this.#server.invalidateToolsCache();
  }

  async listTools() {
    const tools = await this.#server.listTools();
    await this.#effect("mcp: list");
    return tools;
  }

  async callTool(...asked: Parameters<MCPServer["callTool"]>) {
    const [said] = await this.#server.callTool(...asked);
    await this.#effect(`mcp: ${asked[0]} ${String(asked[1]?.part)}`);
    return [{ ...said!, text: String(said!.text).split(",")[0] }];
  }
}
