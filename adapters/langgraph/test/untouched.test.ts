// Apps that are run without Holdfast, in a process that has it: they return, stream and do what they do in
// a process that has never heard of it, in the same order.
import { beforeAll, expect, test } from "vitest";
import type { DurableApp } from "./crash-scenario.ts";
import { scenarios } from "./scenarios/index.ts";
import { plain } from "./scenarios/plain.ts";
import { runBare } from "./scenarios/run-bare.ts";
import type { Scenario } from "./scenarios/scenario.ts";

interface StreamingApp {
  stream(input: unknown, options?: object): Promise<AsyncIterable<unknown>>;
  streamEvents(input: unknown, options?: object): AsyncIterable<unknown>;
}

interface Observed {
  readonly effects: readonly string[];
  readonly turns: readonly unknown[];
  readonly chunks: readonly string[];
  readonly events: readonly string[];
}

const MODES = ["values", "updates", "messages", "custom", "tasks", "checkpoints", "debug"];

const before = new Map<Scenario, Observed>();
beforeAll(async () => {
  for (const scenario of scenarios) before.set(scenario, await observe(scenario));
  await import("../src/index.ts");
  const { Runtime } = await import("@holdfast/core");
  const { memoryDatabase, openMemoryStore } = await import("@holdfast/core/store");
  const runtime = new Runtime({ store: openMemoryStore(memoryDatabase()), hotPeriod: 0 });
  // So that all their classes are known, and intercepted where they are used in a run.
  for (const scenario of scenarios) {
    const { app, input, options } = scenario.build(async () => {});
    await runtime.run(app as DurableApp, input, options);
  }
  await runtime.close();
});

test.each(scenarios)("$name", async (scenario) => {
  const known = before.get(scenario)!;
  expect(known.chunks.length).toBeGreaterThan(0);
  expect(known.events.length).toBeGreaterThan(0);
  expect(await observe(scenario)).toEqual(known);
});

async function observe(scenario: Scenario): Promise<Observed> {
  const effects: string[] = [];
  const effect = async (name: string) => void effects.push(name);
  const turns = await runBare(scenario, effect);
  const streamed = scenario.build(effect);
  const streamOptions = { ...streamed.options, streamMode: MODES, subgraphs: true };
  const app = streamed.app as unknown as StreamingApp;
  const chunks = await told(await app.stream(streamed.input, streamOptions));
  const listened = scenario.build(effect);
  const heard = listened.app as unknown as StreamingApp;
  const events = await told(
    heard.streamEvents(listened.input, { ...listened.options, version: "v2" }),
  );
  return { effects, turns, chunks, events };
}

/** Ids, wherever they are: in keys as well. */
const ID = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|(?<=session_)[0-9a-f]{8}\b/g;

/** The lines of a stack, where errors are told as text. */
const STACK = /(\\+n\s+at [^"\\]*)+/g;

async function told(stream: AsyncIterable<unknown>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const piece of stream) {
    all.push(JSON.stringify(plain(piece)).replace(ID, "<id>").replace(STACK, ""));
  }
  return all;
}
