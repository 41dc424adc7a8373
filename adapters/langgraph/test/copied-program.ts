// Programs that have copies of the packages of their own, as files; and what they do, as scenarios.
import { cp, readdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { StructuredTool } from "@langchain/core/tools";
import { createAgent } from "langchain";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import type { Effect } from "./scenarios/scenario.ts";

const installed = dirname(
  dirname(dirname(createRequire(import.meta.url).resolve("@langchain/core/package.json"))),
);
/** With copies of their own: of the rest there is one for all. */
const COPIED = ["core", "langgraph", "langgraph-checkpoint"];

export interface Program {
  readonly StateGraph: unknown;
  build(effect: Effect): DurableApp;
  buildForeign(effect: Effect): {
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
      await this.effect("model " + messages.length);
      const isAsked = messages.some((message) => message.getType() === "tool");
      const tool_calls = [{ name: "look", args: { q: "a" }, id: "1", type: "tool_call" }];
      const message = new AIMessage(isAsked ? { content: "done" } : { content: "", tool_calls });
      return { generations: [{ text: "", message }] };
    }
  }
  const lookWith = (effect) => tool(
    async ({ q }) => { await effect("tool"); return "found " + q; },
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

export const FORMS = ["import", "require"] as const;
export type Form = (typeof FORMS)[number];

/** Returns the file that is to be loaded. */
export async function writeProgram(folder: string, form: Form): Promise<string> {
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
  const isModule = form === "import";
  const file = join(folder, isModule ? "app.mjs" : "app.cjs");
  const lines = isModule ? imports : requires;
  const end = isModule ? `export ${exported};` : `module.exports = ${exported};`;
  await writeFile(file, `${lines.join("\n")}${PROGRAM}${end}`);
  return file;
}

export async function load(file: string): Promise<Program> {
  if (file.endsWith(".cjs")) return createRequire(file)(file) as Program;
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Program;
}

/** Graphs of both, and an agent of our copy that has the model of one and the tool of the other. */
export function ofCopies(programs: Readonly<Record<Form, Program>>): readonly CrashScenario[] {
  const graphs = FORMS.map((form) => ({
    name: `a graph made with ${form}`,
    run: ({ runtime, runId, effect }) =>
      runtime.run(programs[form].build(effect), {}, { durable: { runId } }),
  })) satisfies readonly CrashScenario[];
  const mixed: CrashScenario = {
    name: "an agent of several copies",
    async run({ runtime, runId, effect }) {
      const { model } = programs.import.buildForeign(effect);
      const { look } = programs.require.buildForeign(effect);
      const agent = createAgent({ model, tools: [look] });
      const { messages } = await runtime.run(agent, { messages: "hi" }, { durable: { runId } });
      return messages.map(({ type, text }) => `${type}: ${text}`);
    },
  };
  return [...graphs, mixed];
}
