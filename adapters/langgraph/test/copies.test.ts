// Apps that are built of another installed copy of the packages than the one that comes with the adapter.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StateGraph } from "@langchain/langgraph";
import { createAgent } from "langchain";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { FORMS, type Form, load, ofCopies, type Program, writeProgram } from "./copied-program.ts";
import { durable, inNode, processes } from "./processes.ts";

const { next, steps, reported } = processes();
let effects: string[];
beforeEach(() => {
  effects = [];
});
const effect = async (name: string) => void effects.push(name);
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** A program with copies of its own, that nobody has seen before. */
async function programOf(form: Form): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast copies-"));
  folders.push(folder);
  return load(await writeProgram(folder, form));
}

describe.each(FORMS)("made with %s", (form) => {
  test("a graph of another copy is durable, with models and tools that only its code knows", async () => {
    const program = await programOf(form);
    expect(program.StateGraph).not.toBe(StateGraph);
    const app = program.build(effect);
    expect(await next().run(app, {}, { durable })).toEqual({ text: "found a" });
    expect(effects).toEqual(["model 1", "tool"]);
    expect(await steps()).toEqual(["model Model in /node:1", "tool look in /node:1"]);
    expect(await reported("escaped")).toEqual([]);
  });

  test("an agent of our copy is, with a model and a tool of another one", async () => {
    const program = await programOf(form);
    const { model, look } = program.buildForeign(effect);
    const app = createAgent({ model, tools: [look] });
    const { messages } = await next().run(app, { messages: "hi" }, { durable });
    expect(messages.at(-1)?.text).toBe("done");
    expect(effects).toEqual(["model 1", "tool", "model 3"]);
    expect(await steps()).toEqual([
      "model Model in /model_request:1",
      "tool look in /tools:2!0",
      "model Model in /model_request:3",
    ]);
  });
});

test("apps of other copies, and of both at once, are killed anywhere, and nobody can tell", async () => {
  const [imported, required] = await Promise.all(FORMS.map(programOf));
  for (const scenario of ofCopies({ import: imported!, require: required! })) {
    const report = await everyPoint(scenario, { database: inMemory });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  }
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
