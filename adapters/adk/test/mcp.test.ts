// Tools of an MCP server, over stdio: it is asked once, and may be gone or another one on replay.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LlmAgent } from "@google/adk";
import { Runtime } from "@holdfast/core";
import { type MemoryDatabase, memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import "../src/index.ts";
import { mcpToolset } from "./mcp-toolset.ts";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";

let folder: string;
let log: string;
let database: MemoryDatabase;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-mcp-"));
  log = join(folder, "log");
  database = memoryDatabase();
  await writeFile(log, "");
});
afterEach(() => rm(folder, { recursive: true }));

/** Calls `one` and then `two`, and says what they have answered; told each call of its model. */
function agent(offers: readonly string[], asked: (call: string) => Promise<void>): LlmAgent {
  return new LlmAgent({
    name: "caller",
    model: new FakeLlm(asked, "caller", (request) => {
      const next = ["one", "two"].find((name) => responses(request, name).length === 0);
      return next === undefined
        ? JSON.stringify([responses(request, "one"), responses(request, "two")])
        : [{ name: next, args: {} }];
    }),
    tools: [mcpToolset(log, offers)],
  });
}

/** In a process of its own, which ends when the model is called on so many contents. */
async function dieAt(contents: number): Promise<void> {
  const runtime = new Runtime({ store: openMemoryStore(database) });
  const { promise: isThere, resolve } = Promise.withResolvers<void>();
  const app = agent(["one", "two"], async (call) => {
    if (!call.endsWith(`(${contents})`)) return;
    resolve();
    await new Promise(() => {});
  });
  runtime.run(app, "Go.", { durable: { runId: "r" } }).catch(() => {});
  await isThere;
  await runtime.close({ grace: 0 });
}

async function goOn(offers: readonly string[]): Promise<unknown> {
  const runtime = new Runtime({ store: openMemoryStore(database) });
  const app = agent(offers, async () => {});
  const { output } = await runtime.run(app, "Go.", { durable: { runId: "r" } });
  await runtime.close();
  return JSON.parse(String(output));
}

async function asked(what: string): Promise<readonly string[]> {
  return (await readFile(log, "utf8")).split("\n").filter((line) => line.startsWith(what));
}

const did = (name: string) => [{ content: [{ type: "text", text: `did ${name}` }] }];

test("an MCP server may be gone while a run is executed again: what was recorded is enough", async () => {
  await dieAt(5);
  expect(await asked("tools/call")).toEqual(["tools/call one", "tools/call two"]);
  await writeFile(log, "");
  expect(await goOn([])).toEqual([did("one"), did("two")]);
  expect(await asked("")).toEqual([""]);
});

test("a tool that is on record alone finds its server when it is called, and no recorded call is made again", async () => {
  await dieAt(3);
  expect(await asked("tools/call")).toEqual(["tools/call one"]);
  expect(await goOn(["one", "two", "three"])).toEqual([did("one"), did("two")]);
  expect(await asked("tools/call")).toEqual(["tools/call one", "tools/call two"]);
});

test("a tool that its server offers no more is an error that the model is told", async () => {
  await dieAt(3);
  const [, two] = (await goOn(["one"])) as readonly { readonly error?: string }[][];
  expect(two![0]!.error).toContain("offers no tool two any more");
});
