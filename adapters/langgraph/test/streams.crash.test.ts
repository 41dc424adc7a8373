// What is streamed after a crash: from where the run had not come to, and no state twice.
import { type RunEvent, Runtime } from "@holdfast/core";
import { END, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { inMemory, mortalStore } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { asLine, formsOfEnds, isEnd, isState, oneByOne, oneByOneForm } from "./one-by-one.ts";
import { durable, processes } from "./processes.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { bare, type Form } from "./streamed.ts";
import { plainChunk, readAll } from "./told.ts";

const { next, die } = processes();
const quiet = async () => {};

interface AcrossDeath {
  readonly isThrough: boolean;
  readonly before: readonly unknown[];
  readonly rest: readonly unknown[];
}

/** What is told until the process dies at a write, and what whoever attaches then is told. */
async function acrossDeath({ build }: Scenario, form: Form, write: number): Promise<AcrossDeath> {
  const database = inMemory();
  const real = await database.open();
  const store = mortalStore(real, { dieAt: { write, when: "after" } });
  const open = (runtime: Runtime) => {
    const { app, input, options } = build(quiet);
    return runtime.stream(app as DurableApp, input, { ...options, ...form, durable });
  };
  const before: unknown[] = [];
  const runtime = new Runtime({ store, hotPeriod: 0 });
  const done = (async () => {
    for await (const chunk of await open(runtime)) before.push(plainChunk(chunk));
    return true;
  })();
  const isThrough = await Promise.race([done, store.life.died.then(() => false)]);
  if (isThrough) await runtime.close();
  else {
    await store.life.settled();
    await real.close();
    for (const worker of store.entered) await database.expire(worker);
  }
  const after = new Runtime({ store: await database.open(), hotPeriod: 0 });
  const rest = await readAll(open(after));
  await after.close();
  return { isThrough, before, rest };
}

test.each<{ readonly form: Form; readonly every: number }>([
  { form: oneByOneForm, every: 1 },
  { form: { streamMode: ["values", "checkpoints"], encoding: "text/event-stream" }, every: 3 },
  { form: { streamMode: "values" }, every: 3 },
])(
  "$form: after a crash it goes on where the run does, and tells no state twice",
  async (given) => {
    const { form, every } = given;
    const [whole] = await bare(oneByOne, form);
    const lines = whole!.map(asLine);
    const begins = new Set<number>();
    for (let write = 2, isThrough = false; !isThrough; write += every) {
      const told = await acrossDeath(oneByOne, form, write);
      isThrough = told.isThrough;
      const [before, rest] = [told.before.map(asLine), told.rest.map(asLine)];
      begins.add(rest.length);
      expect(before).toEqual(lines.slice(0, before.length));
      expect(rest).toEqual(lines.slice(lines.length - rest.length));
      // If nothing was durable, it begins anew.
      if (rest.length === lines.length) continue;
      const states = [...before, ...rest].filter(isState);
      expect(states.toSorted()).toEqual([...new Set(states)].toSorted());
    }
    expect(begins.size).toBeGreaterThan(3);
  },
);

test.each(formsOfEnds)(
  "%j: after a crash it tells the tasks that were cut off, and those after them",
  async (form) => {
    const [whole] = await bare(oneByOne, form);
    const begins = new Set<number>();
    for (let write = 2, isThrough = false; !isThrough; write += 4) {
      const told = await acrossDeath(oneByOne, form, write);
      isThrough = told.isThrough;
      begins.add(told.rest.length);
      const ends = (all: readonly unknown[]) => all.map(asLine).filter(isEnd);
      const rest = ends(told.rest);
      expect(rest).toEqual(ends(whole!).slice(ends(whole!).length - rest.length));
    }
    expect(begins.size).toBeGreaterThan(3);
  },
);

/** Two nodes, of which the second hangs in the process it is in first. */
function hanging() {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  let isFirst = true;
  const hang = async () => {
    if (!isFirst) return;
    isFirst = false;
    resolve();
    await new Promise(() => {});
  };
  const search = fakeTool(quiet, "search");
  const app = new StateGraph(Lines)
    .addNode("one", async () => ({ lines: [await search.invoke({ q: "one" })] }))
    .addNode("two", async () => {
      const line = await search.invoke({ q: "two" });
      await hang();
      return { lines: [line] };
    })
    .addEdge(START, "one")
    .addEdge("one", "two")
    .addEdge("two", END)
    .compile();
  return { app, reached };
}

test("the events of a run go on at their cursor after a crash: none is missing, none comes twice", async () => {
  const { app, reached } = hanging();
  const first = next();
  const stream = readAll(first.stream(app, {}, { durable }));
  stream.catch(() => {});
  await reached;
  const seen: RunEvent[] = [];
  for await (const event of first.handle("r").events()) {
    seen.push(event);
    // The tool of the second node: after it, nothing happens in this process.
    if (seen.filter(({ type }) => type === "finished").length === 2) break;
  }
  die();
  const second = next();
  expect(await readAll(second.stream(app, {}, { durable }))).toEqual([
    { two: { lines: ["search found two"] } },
  ]);
  for await (const event of second.handle("r").events({ after: seen.at(-1)!.cursor })) {
    seen.push(event);
  }
  const all: RunEvent[] = [];
  for await (const event of next().handle("r").events()) all.push(event);
  expect(seen.map(({ cursor }) => cursor)).toEqual(all.map(({ cursor }) => cursor));
  expect(seen).toEqual(all);
});
