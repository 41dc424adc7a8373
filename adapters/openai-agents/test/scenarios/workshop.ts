import {
  Agent,
  applyPatchTool,
  type Computer,
  computerTool,
  type Editor,
  type MCPServer,
  type ModelRequest,
  type protocol,
  shellTool,
} from "@openai/agents";
import { type Answer, FakeModel } from "./fake-model.ts";
import type { Effect, Notes, Scenario } from "./scenario.ts";

/**
 * What is not a function: two commands for a shell, a patch for an editor, a click, what a server of MCP
 * offers and does, and a search that the model makes by itself.
 */
export const workshop: Scenario = {
  name: "workshop",
  build: (effect) => {
    const app = new Agent<Notes>({
      name: "Mechanic",
      model: new FakeModel(effect, "mechanic", (request) => ANSWERS[stage(request)] ?? "done"),
      tools: [
        shellTool({
          shell: {
            async run({ commands }) {
              await effect(`shell: ${commands.join("; ")}`);
              const output = { stdout: `ran ${commands}`, stderr: "" };
              return { output: [{ ...output, outcome: { type: "exit", exitCode: 0 } }] };
            },
          },
        }),
        applyPatchTool({ editor: new NotingEditor(effect) }),
        computerTool({ computer: new NotingComputer(effect) }),
      ],
      mcpServers: [new NotingServer(effect)],
    });
    return { app, input: "Repair it.", options: { context: { notes: {} } } };
  },
};

const shell = (id: string, command: string): protocol.ShellCallItem => ({
  type: "shell_call",
  id: `sh_${id}`,
  callId: id,
  status: "completed",
  action: { commands: [command] },
});

/** By how many calls were answered so far. */
const ANSWERS: Readonly<Record<number, Answer>> = {
  0: { items: [shell("call_1", "ls"), shell("call_2", "pwd")] },
  2: {
    items: [
      {
        type: "apply_patch_call",
        id: "ap_3",
        callId: "call_3",
        status: "completed",
        operation: { type: "create_file", path: "a.txt", diff: "+a" },
      },
      {
        type: "computer_call",
        id: "cu_4",
        callId: "call_4",
        status: "completed",
        action: { type: "click", x: 1, y: 2, button: "left" },
      },
    ],
  },
  4: {
    items: [
      {
        type: "hosted_tool_call",
        id: "ws_5",
        name: "web_search_call",
        status: "completed",
        output: "found on the web",
      },
      {
        type: "function_call",
        id: "fc_5",
        callId: "call_5",
        name: "weld",
        arguments: '{"part":"arm"}',
        status: "completed",
      },
    ],
  },
};

function stage({ input }: ModelRequest): number {
  if (typeof input === "string") return 0;
  return input.filter(({ type }) => type?.endsWith("_output") || type?.endsWith("_result")).length;
}

class NotingEditor implements Editor {
  readonly #effect: Effect;

  constructor(effect: Effect) {
    this.#effect = effect;
  }

  async createFile({ path }: { readonly path: string }) {
    await this.#effect(`editor: create ${path}`);
    return { status: "completed", output: `created ${path}` } as const;
  }

  async updateFile() {}

  async deleteFile() {}
}

class NotingComputer implements Computer {
  readonly environment = "browser";
  readonly dimensions: [number, number] = [100, 100];
  readonly #effect: Effect;

  constructor(effect: Effect) {
    this.#effect = effect;
  }

  async click(x: number, y: number) {
    await this.#effect(`computer: click ${x} ${y}`);
  }

  async screenshot() {
    await this.#effect("computer: screenshot");
    return "cGl4ZWxz";
  }

  async doubleClick() {}
  async drag() {}
  async keypress() {}
  async move() {}
  async scroll() {}
  async type() {}
  async wait() {}
}

class NotingServer implements MCPServer {
  readonly name = "welder";
  readonly cacheToolsList = true;
  readonly #effect: Effect;

  constructor(effect: Effect) {
    this.#effect = effect;
  }

  async connect() {}
  async close() {}
  async invalidateToolsCache() {}

  async listTools(): ReturnType<MCPServer["listTools"]> {
    const properties = { part: { type: "string" } };
    const object = { type: "object", additionalProperties: false } as const;
    const inputSchema = { ...object, properties, required: ["part"] };
    return [{ name: "weld", description: "Welds.", inputSchema }];
  }

  async callTool(name: string, args: Record<string, unknown> | null) {
    await this.#effect(`mcp: ${name} ${String(args?.part)}`);
    return [{ type: "text", text: `welded ${String(args?.part)}` }];
  }
}
