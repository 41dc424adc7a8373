// ADK's toolset for MCP, with its tools, over a server that is a process of its own or answers HTTP. Only
// the client is ours: the SDK that ADK loads for it is not among what is installed here.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { MCPToolset } from "@google/adk/tools/mcp";

const SERVER = fileURLToPath(new URL("mcp-server.ts", import.meta.url));

interface Connection {
  /** One at a time, as a session of ADK's is used. */
  ask(request: string): Promise<string>;
  close(): Promise<void>;
}

/** Each of its sessions starts a server that offers tools of these names and writes down what it is asked. */
export function mcpToolset(log: string, names: readonly string[]): MCPToolset {
  const serverParams = { command: process.execPath, args: [SERVER, log, ...names] };
  const toolset = new MCPToolset({ type: "StdioConnectionParams", serverParams });
  return connectedBy(toolset, () => started(serverParams.command, serverParams.args));
}

export function mcpHttpToolset(url: string): MCPToolset {
  const toolset = new MCPToolset({ type: "StreamableHTTPConnectionParams", url });
  return connectedBy(toolset, () => posted(url));
}

function started(command: string, args: readonly string[]): Connection {
  const server = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      server.stdin.write(`${request}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error("The server is gone.");
      return value;
    },
    async close() {
      const exit = once(server, "exit");
      server.stdin.end();
      await exit;
    },
  };
}

function posted(url: string): Connection {
  const headers = { "content-type": "application/json", accept: "application/json" };
  return {
    ask: async (body) => (await fetch(url, { method: "POST", headers, body })).text(),
    close: async () => {},
  };
}

interface SessionManager {
  readonly activeSessions: Set<Session>;
  createSession(): Promise<Session>;
}

function connectedBy(toolset: MCPToolset, connect: () => Connection): MCPToolset {
  const manager = Reflect.get(toolset, "mcpSessionManager") as SessionManager;
  manager.createSession = async () => {
    const session = new Session(connect());
    await session.request("initialize", { protocolVersion: "2025-06-18" });
    manager.activeSessions.add(session);
    return session;
  };
  return toolset;
}

class Session {
  readonly #connection: Connection;
  #lastId = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  listTools(): Promise<unknown> {
    return this.request("tools/list", {});
  }

  callTool(params: object): Promise<unknown> {
    return this.request("tools/call", params);
  }

  async request(method: string, params: object): Promise<unknown> {
    this.#lastId += 1;
    const request = { jsonrpc: "2.0", id: this.#lastId, method, params };
    const answer = await this.#connection.ask(JSON.stringify(request));
    return (JSON.parse(answer) as { readonly result: unknown }).result;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
