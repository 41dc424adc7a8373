// Apps that are built of another installed copy of the packages than the one that comes with the adapter.
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { StructuredTool } from "@langchain/core/tools";
import { StateGraph } from "@langchain/langgraph";
import { createAgent } from "langchain";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { DurableApp } from "./crash-scenario.ts";
import { durable, inNode, processes } from "./processes.ts";

const { next, steps, reported } = processes();
const installed = dirname(
  dirname(dirname(createRequire(import.meta.url).resolve("@langchain/core/package.json"))),
);
/** With copies of their own: of the rest there is one for all. */
const COPIED = ["core", "langgraph", "langgraph-checkpoint"];

interface Program {
  readonly StateGraph: unknown;
  build(effect: (name: string) => void): DurableApp;
  buildForeign(effect: (name: string) => void): {
    readonly model: BaseChatModel;
    readonly look: StructuredTool;
  };
}

/** A model, a tool, and a graph that calls them in the code of a node, and so out of sight. */
const PROGRAM = `
  class Model extends BaseChatModel {
    constructor(effect) { super({}); this.effect = effect; }
    _llmType() { return "model"; }
    bindTools() { return this; }
    async _generate(messages) {
      this.effect("model");
      const isAsked = messages.some((message) => message.getType() === "tool");
      const tool_calls = [{ name: "look", args: { q: "a" }, id: "1", type: "tool_call" }];
      const message = new AIMessage(isAsked ? { content: "done" } : { content: "", tool_calls });
      return { generations: [{ text: "", message }] };
    }
  }
  const lookWith = (effect) => tool(
    async ({ q }) => { effect("tool"); return "found " + q; },
    { name: "look", description: "Looks up.", schema: { type: "object", properties: { q: { type: "string" } } } },
  );
  const State = Annotation.Root({ text: Annotation() });
  const build = (effect) => {
    const model = new Model(effect);
    const look = lookWith(effect);
    const node = async () => {
      await model.invoke("hi");
      return { text: await look.invoke({ q: "a" }) };
    };
    return new StateGraph(State).addNode("node", node).addEdge(START, "node").addEdge("node", END).compile();
  };
  const buildForeign = (effect) => ({ model: new Model(effect), look: lookWith(effect) });
`;
const NAMES = [
  ["BaseChatModel", "@langchain/core/language_models/chat_models"],
  ["AIMessage", "@langchain/core/messages"],
  ["tool", "@langchain/core/tools"],
  ["Annotation, END, START, StateGraph", "@langchain/langgraph"],
] as const;

let effects: string[];
beforeEach(() => {
  effects = [];
});
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** A program with copies of its own, that nobody has seen before. */
async function programOf(form: "import" | "require"): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast copies-"));
  folders.push(folder);
  const modules = join(folder, "node_modules");
  const isCode = (path: string) => !/\.(map|d\.ts|d\.cts|md)$/.test(path);
  for (const name of COPIED) {
    const to = join(modules, "@langchain", name);
    await cp(join(installed, "@langchain", name), to, { recursive: true, filter: isCode });
  }
  for (const parent of ["", "@langchain"]) {
    for (const name of await readdir(join(installed, parent))) {
      if (name.startsWith(".") || name === "@langchain" || name === "@holdfast") continue;
      if (parent !== "" && COPIED.includes(name)) continue;
      await symlink(join(installed, parent, name), join(modules, parent, name));
    }
  }
  const imports = NAMES.map(([names, from]) => `import { ${names} } from "${from}";`);
  const requires = NAMES.map(([names, from]) => `const { ${names} } = require("${from}");`);
  const exported = "{ build, buildForeign, StateGraph }";
  if (form === "import") {
    const file = join(folder, "app.mjs");
    await writeFile(file, `${imports.join("\n")}${PROGRAM}export ${exported};`);
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Program;
  }
  const file = join(folder, "app.cjs");
  await writeFile(file, `${requires.join("\n")}${PROGRAM}module.exports = ${exported};`);
  return createRequire(file)(file) as Program;
}

describe.each(["import", "require"] as const)("made with %s", (form) => {
  test("a graph of another copy is durable, with models and tools that only its code knows", async () => {
    const program = await programOf(form);
    expect(program.StateGraph).not.toBe(StateGraph);
    const app = program.build((name) => effects.push(name));
    expect(await next().run(app, {}, { durable })).toEqual({ text: "found a" });
    expect(effects).toEqual(["model", "tool"]);
    expect(await steps()).toEqual(["model Model in /node:1", "tool look in /node:1"]);
    expect(await reported("escaped")).toEqual([]);
  });

  test("an agent of our copy is, with a model and a tool of another one", async () => {
    const program = await programOf(form);
    const { model, look } = program.buildForeign((name) => effects.push(name));
    const app = createAgent({ model, tools: [look] });
    const { messages } = await next().run(app, { messages: "hi" }, { durable });
    expect(messages.at(-1)?.text).toBe("done");
    expect(effects).toEqual(["model", "tool", "model"]);
    expect(await steps()).toEqual([
      "model Model in /model_request:1",
      "tool look in /tools:2!0",
      "model Model in /model_request:3",
    ]);
  });
});

test("whatever strange things an app holds, its classes are found", async () => {
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const classless = Object.create(Object.create(null) as object) as object;
  const strange = Object.defineProperty({ revoked, classless }, "loud", {
    enumerable: true,
    get: () => expect.unreachable("A getter was run."),
  });
  const app = Object.assign(
    inNode(async () => {}),
    { strange },
  );
  await next().run(app, {}, { durable });
});
