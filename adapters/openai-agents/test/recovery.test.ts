// What another process needs to go on with a run, and what it does not; and what cannot be made durable.
import { fileURLToPath } from "node:url";
import { type Logger, step } from "@holdfast/core";
import {
  type Agent,
  type MCPServer,
  MCPServerStdio,
  MCPServerStreamableHttp,
  type RunContext,
  Runner,
  tool,
} from "@openai/agents";
import { RealtimeAgent } from "@openai/agents/realtime";
import { SandboxAgent } from "@openai/agents/sandbox";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { agentThatCalls } from "./agent-that-calls.ts";
import { deadly } from "./deadly.ts";
import { mcpHttpServer } from "./mcp-http-server.ts";
import { processes } from "./processes.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import type { Notes } from "./scenarios/scenario.ts";

const { next, die, effect, effects, steps } = processes();
const durable = { runId: "r" };

describe("a server of MCP", () => {
  class Server implements MCPServer {
    readonly name = "server";
    readonly cacheToolsList: boolean;
    readonly #isThere: boolean;

    constructor(isThere: boolean, cacheToolsList: boolean) {
      this.#isThere = isThere;
      this.cacheToolsList = cacheToolsList;
    }

    async connect() {}
    async close() {}
    async invalidateToolsCache() {}

    async listTools(): ReturnType<MCPServer["listTools"]> {
      await this.#asked("list");
      const object = { type: "object", additionalProperties: false } as const;
      const inputSchema = { ...object, properties: {}, required: [] };
      return [{ name: "weld", description: "Welds.", inputSchema }];
    }

    async callTool() {
      await this.#asked("call");
      return [{ type: "text", text: "welded" }];
    }

    async #asked(what: string): Promise<void> {
      if (!this.#isThere) throw new Error("The server is gone.");
      await effect(what);
    }
  }

  test.each([false, true])(
    "that is gone is not missed in what is on record (its list cached: %s)",
    async (isCached) => {
      const app = (isThere: boolean) => {
        const agent = agentThatCalls(effect, [{ name: "weld", args: {}, id: "c1" }], []);
        agent.mcpServers = [new Server(isThere, isCached)];
        return agent;
      };
      const options = () => ({ context: { notes: {} }, durable });
      const { finalOutput } = await next().run(app(true), "Go.", options());
      const count = effects.length;
      expect(effects.filter((name) => name === "call")).toHaveLength(1);
      expect((await next().run(app(false), "Go.", options())).finalOutput).toBe(finalOutput);
      expect(effects).toHaveLength(count);
      const kinds = (await next().handle("r").steps()).map(({ kind, name }) => `${kind} ${name}`);
      expect(kinds).toEqual([
        "mcp server listTools",
        "model FakeModel",
        "mcp weld",
        ...(isCached ? [] : ["mcp server listTools"]),
        "model FakeModel",
      ]);
    },
  );
});

describe("an agent with a real server of MCP", () => {
  const app = (mcp: MCPServer, inside: () => Promise<void> = async () => {}) => {
    const agent = agentThatCalls(
      effect,
      [
        { name: "weld", args: { part: "arm" }, id: "c1" },
        { name: "test", args: { q: "arm" }, id: "c2" },
      ],
      [fakeTool(inside, "test")],
    );
    agent.mcpServers = [mcp];
    return agent;
  };
  const options = () => ({ context: { notes: {} }, durable });

  /** Dies beside the call, then goes on and is replayed where the server is not there. */
  async function survives(connected: MCPServer, gone: () => MCPServer): Promise<void> {
    await connected.connect();
    const { body, reached } = deadly();
    void next()
      .run(app(connected, body), "Go.", options())
      .catch(() => {});
    await reached;
    const call = async () =>
      (await next().handle("r").steps()).find(({ name }) => name === "weld")?.status;
    await expect.poll(call).toBe("finished");
    die();
    const { finalOutput } = await next().run(app(connected), "Go.", options());
    await connected.close();
    expect(finalOutput).toContain("welded arm, call 1");
    // Never connected, so every question to it would fail.
    expect((await next().run(app(gone()), "Go.", options())).finalOutput).toBe(finalOutput);
  }

  test("in a process of its own asks it through its pipe, and once", async () => {
    const args = [fileURLToPath(new URL("./mcp-server.ts", import.meta.url))];
    const server = () => new MCPServerStdio({ name: "stdio", command: process.execPath, args });
    await survives(server(), server);
  });

  test("over HTTP asks it there, and once", async () => {
    const server = await mcpHttpServer();
    const client = () => new MCPServerStreamableHttp({ name: "http", url: server.url });
    try {
      await survives(client(), client);
      expect(server.asked.filter((method) => method === "tools/call")).toHaveLength(1);
    } finally {
      await server.close();
    }
  });
});

class Database {
  readonly #password = "none";
  readonly calls: string[] = [];
  ask(q: string): string {
    this.calls.push(q);
    return `${q}${this.#password.length}`;
  }
}

interface WithDatabase extends Notes {
  readonly database: Database;
}

function asker(inside: () => Promise<void>): Agent<WithDatabase> {
  const ask = tool({
    name: "ask",
    description: "Asks.",
    parameters: z.object({ q: z.string() }),
    async execute({ q }, run?: RunContext<WithDatabase>) {
      run!.context.notes[q] = run!.context.database.ask(q);
      await inside();
      return `${Object.keys(run!.context.notes)}`;
    },
  });
  return agentThatCalls(
    effect,
    [{ name: "ask", args: { q: "x" }, id: "c1" }],
    [ask as never],
  ) as unknown as Agent<WithDatabase>;
}

test("a context that cannot be stored is told of at the start, and made anew where the run goes on", async () => {
  const told: string[] = [];
  const tell = (text: string) => void told.push(text);
  const logger: Logger = { debug() {}, info: tell, warn: tell, error: tell };
  const context = { notes: {}, database: new Database() };
  const { body, reached } = deadly();
  void next({}, { logger })
    .run(asker(body), "Go.", { context, durable })
    .catch(() => {});
  await reached;
  expect(told.find((text) => text.includes("context.database"))).toMatch(
    /cannot be stored: context\.database\. .* serve\(\{ "Clerk": \{ app, options/,
  );
  die();
  const database = new Database();
  await next().serve({
    Clerk: { app: asker(async () => {}), options: () => ({ context: { database } }) },
  });
  expect(await next().handle("r").result()).toEqual({
    finalOutput: '[{"type":"text","text":"x"}]',
  });
  expect(database.calls).toEqual(["x"]);
});

test("a context of a class comes back as what it is, through the codec", async () => {
  class Ledger {
    readonly notes: Record<string, string>;
    constructor(notes: Record<string, string> = {}) {
      this.notes = notes;
    }
    get size(): number {
      return Object.keys(this.notes).length;
    }
  }
  const codec = [
    {
      tag: "test/ledger",
      is: (value: unknown): value is Ledger => value instanceof Ledger,
      encode: ({ notes }: Ledger) => notes,
      decode: (notes: unknown) => new Ledger(notes as Record<string, string>),
    },
  ];
  const app = (inside: () => Promise<void>) => {
    const agent = agentThatCalls(
      effect,
      [
        { name: "look", args: { q: "x" }, id: "c1" },
        { name: "slow", args: { q: "y" }, id: "c2" },
      ],
      [fakeTool(effect, "look"), fakeTool(inside, "slow")],
    );
    agent.instructions = ({ context }) => `There are ${(context as Ledger).size}.`;
    return agent;
  };
  const { body, reached } = deadly();
  void next({}, { codec })
    .run(app(body), "Go.", { context: new Ledger(), durable })
    .catch(() => {});
  await reached;
  die();
  const runtime = next({}, { codec });
  await runtime.serve({ Clerk: app(async () => {}) });
  await runtime.handle("r").result();
  const { runContext } = await runtime.run(
    app(async () => {}),
    "Go.",
    {
      context: new Ledger(),
      durable,
    },
  );
  expect(runContext.context).toBeInstanceOf(Ledger);
  expect((runContext.context as Ledger).size).toBe(2);
});

describe("what cannot be made durable is refused before anything runs:", () => {
  const sandboxed = () => new SandboxAgent({ name: "Boxed" }) as unknown as Agent<Notes>;
  const clerk = (more: Partial<Agent<Notes>>) =>
    Object.assign(agentThatCalls(effect, "said", []), more);

  test.each([
    ["an agent with a sandbox", () => sandboxed()],
    ["one that hands off to such a one", () => clerk({ handoffs: [sandboxed()] })],
    [
      "one that has such a one as a tool",
      () => clerk({ tools: [sandboxed().asTool({ toolName: "t", toolDescription: "T." })] }),
    ],
    ["an agent that talks", () => new RealtimeAgent({ name: "Voice" }) as unknown as Agent<Notes>],
  ])("%s", async (_, app) => {
    const running = next().run(app(), "Go.", { context: { notes: {} }, durable });
    await expect(running).rejects.toMatchObject({ code: "APP_NOT_RECOGNISED" });
    expect(effects).toEqual([]);
    await expect(next().handle("r").status()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });
});

test("in a step, what cannot be durable is run as a whole", async () => {
  const model = new FakeModel(effect, "voice", () => "spoken");
  const voice = new RealtimeAgent({ name: "Voice" }) as unknown as Agent<Notes>;
  const talk = async () => (await new Runner({ model }).run(voice, "Hi.")).finalOutput;
  const program = (_: null) => step("talk", talk);
  expect(await next().run(program, null, { durable })).toBe("spoken");
  expect(await steps()).toEqual(["code talk in "]);
  const bare = (_: null) => talk();
  await expect(next().run(bare, null)).rejects.toMatchObject({ code: "APP_NOT_RECOGNISED" });
  expect(effects).toHaveLength(1);
});
