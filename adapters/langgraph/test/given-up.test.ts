// Calls, tries and runs that are given up: by a time limit, an abort, a node that fails beside them. What
// the program went on with is what it goes on with after a crash; what nothing came of is done again.
import { setTimeout as sleep } from "node:timers/promises";
import { AIMessageChunk } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { END, START, StateGraph } from "@langchain/langgraph";
import { beforeEach, describe, expect, test } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import { givenUp, observeGivenUp, triedAgain } from "./given-up.ts";
import { durable, processes } from "./processes.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import { listening, Slow } from "./slow.ts";
import { timedOut, timedOutNode } from "./timed-out.ts";

const { next, die, twice } = processes();
let effects: string[];
beforeEach(() => {
  effects = [];
});
const effect = async (name: string) => void effects.push(name);

const late = () => sleep(60, "100");
const deaf = () => new Promise<string>(() => {});

describe.each(Object.entries({ listening, late, deaf }))("a model that is %s", (_name, slow) => {
  let calls: number;
  beforeEach(() => {
    calls = 0;
  });
  /** Slow in the first process only. */
  const model = () => new Slow((signal) => (++calls > 1 ? Promise.resolve("100") : slow(signal)));
  const other = RunnableLambda.from((_: string) => new AIMessageChunk("70"));

  test("is not waited for, and what was taken instead stays", async () => {
    const search = fakeTool(effect, "refund");
    const asked = RunnableLambda.from((text: string) => text)
      .pipe(model())
      .withConfig({ timeout: 20 })
      .withFallbacks([other]);
    const both = await twice(async () => {
      const { text } = await asked.invoke("how much?");
      await sleep(60);
      return search.invoke({ q: text });
    });
    expect(both).toEqual(["refund found 70", "refund found 70"]);
    expect(effects).toEqual(["tool: refund 70"]);
    expect(calls).toBe(1);
  });

  test("fails when its own time is over, and so it does again", async () => {
    const limited = model();
    const both = await twice(() =>
      limited.invoke("how much?", { timeout: 20 }).then(
        ({ text }) => text,
        (error: Error) => error.name,
      ),
    );
    expect(both).toEqual(["TimeoutError", "TimeoutError"]);
    expect(calls).toBe(1);
  });
});

test("whoever was first of two stays the first", async () => {
  const model = new FakeModel(
    async (name) => {
      await sleep(name.includes("fast") ? 1 : 25);
      effects.push(name);
    },
    ([message]) => `${message?.text}`,
  );
  const search = fakeTool(effect, "search");
  const both = await twice(async () => {
    const asked = ["slow", "fast"].map((text) => model.invoke(text));
    const first = await Promise.race(asked);
    const found = await search.invoke({ q: first.text });
    await Promise.all(asked);
    return found;
  });
  expect(both).toEqual(["search found fast", "search found fast"]);
  expect(effects).toHaveLength(3);
});

test("a try of a node whose time is over is killed at every point, and nobody can tell", async () => {
  const report = await everyPoint(timedOutNode(300), { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

test.each(givenUp)("$name: tried again, it comes to what it does alone", async (scenario) => {
  const bare = await observeGivenUp(scenario);
  const { ending, outside } = await survive(triedAgain(scenario), { database: inMemory() });
  expect(ending).toEqual({ is: "returned", output: bare.output });
  expect([...outside.counts.keys()].toSorted()).toEqual(bare.effects.toSorted());
});

test.each(givenUp)("$name: it is killed anywhere, and nobody can tell", async (scenario) => {
  const report = await everyPoint(triedAgain(scenario), { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

test("a try that only succeeded in a process that died goes on, though the first one would now", async () => {
  let execution = 0;
  const charge = fakeTool(effect, "charge");
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const pay = async () => {
    execution += 1;
    if (execution === 1) throw new Error("plain code that failed once");
    const charged = await charge.invoke({ q: "42" });
    resolve();
    if (execution === 2) await new Promise(() => {});
    return { lines: [charged] };
  };
  const retryPolicy = { initialInterval: 1, jitter: false, logWarning: false };
  const graph = new StateGraph(Lines).addNode("pay", pay, { retryPolicy });
  const app = graph.addEdge(START, "pay").addEdge("pay", END).compile();
  next()
    .run(app, {}, { durable })
    .catch(() => {}); // It is left where it is.
  await reached;
  die();
  expect((await next().run(app, {}, { durable })).lines).toEqual(["charge found 42"]);
  expect(effects).toEqual(["tool: charge 42"]);
});

test("of two processes that run one run at once, one does it, and both are given its end", async () => {
  const app = timedOut(effect, 120);
  const both = await Promise.all([next(), next()].map((one) => one.run(app, {}, { durable })));
  expect(both[0]).toEqual(both[1]);
  expect(effects).toEqual(["tool: search in try 1", "tool: search in try 2"]);
});
