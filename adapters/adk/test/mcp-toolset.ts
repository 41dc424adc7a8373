// ADK's toolset for MCP, with its tools, over a server that is a process of its own. Only the client is
// ours: the SDK that ADK loads for it is not among what is installed here.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { MCPToolset } from "@google/adk/tools/mcp";

const SERVER = fileURLToPath(new URL("mcp-server.ts", import.meta.url));

interface SessionManager {
  readonly activeSessions: Set<Session>;
  createSession(): Promise<Session>;
}

/** Each of its sessions starts a server that offers tools of these names and writes down what it is asked. */
export function mcpToolset(log: string, names: readonly string[]): MCPToolset {
  const serverParams = { command: process.execPath, args: [SERVER, log, ...names] };
  const toolset = new MCPToolset({ type: "StdioConnectionParams", serverParams });
  const manager = Reflect.get(toolset, "mcpSessionManager") as SessionManager;
  manager.createSession = async () => {
    const session = new Session(spawn(serverParams.command, serverParams.args));
    await session.request("initialize", { protocolVersion: "2025-06-18" });
    manager.activeSessions.add(session);
    return session;
  };
  return toolset;
}

class Session {
  readonly #server: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  #lastId = 0;

  constructor(server: ChildProcess) {
    this.#server = server;
    this.#answers = createInterface({ input: server.stdout! })[Symbol.asyncIterator]();
  }

  listTools(): Promise<unknown> {
    return this.request("tools/list", {});
  }

  callTool(params: object): Promise<unknown> {
    return this.request("tools/call", params);
  }

  /** One at a time, as a session of ADK's is used. */
  async request(method: string, params: object): Promise<unknown> {
    this.#lastId += 1;
    const request = { jsonrpc: "2.0", id: this.#lastId, method, params };
    this.#server.stdin!.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error("The server is gone.");
    return (JSON.parse(value) as { readonly result: unknown }).result;
  }

  async close(): Promise<void> {
    const exit = once(this.#server, "exit");
    this.#server.stdin!.end();
    await exit;
  }
}
