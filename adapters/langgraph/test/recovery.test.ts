// What a crash could change and does not: which branch is faster, what a cache had, where a stream was,
// of which classes the values in the state are.
import { setTimeout as sleep } from "node:timers/promises";
import { Document } from "@langchain/core/documents";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { InMemoryCache } from "@langchain/langgraph-checkpoint";
import { expect, test } from "vitest";
import {
  type Scenario as CrashScenario,
  everyPoint,
  inMemory,
} from "../../../conformance/src/crash/index.ts";
import { crashScenario, type DurableApp } from "./crash-scenario.ts";
import { durable, processes } from "./processes.ts";
import { langchainAgent } from "./scenarios/create-agent.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { Lines } from "./scenarios/lines.ts";
import { parallelChains } from "./scenarios/parallel-chains.ts";
import { reactAgentV1 } from "./scenarios/react-agent-v1.ts";
import type { Effect } from "./scenarios/scenario.ts";
import { sendFanOut } from "./scenarios/send-fan-out.ts";
import { toldInPieces } from "./teller.ts";

const { next, die, reported } = processes();

/** Returns how many effects it has. */
async function expectClean(scenario: CrashScenario): Promise<number> {
  const report = await everyPoint(scenario, { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
  return report.effects;
}

test.each([parallelChains, sendFanOut, langchainAgent, reactAgentV1])(
  "$name: other branches are the slow ones in every process, and nobody can tell",
  async (scenario) => {
    const { run, ...rest } = crashScenario(scenario);
    await expectClean({
      ...rest,
      run: (process) =>
        run({
          ...process,
          async effect(key) {
            await sleep(latency(key, process.nth));
            await process.effect(key);
          },
        }),
    });
  },
);

/** Some milliseconds, others for other effects and in other processes. */
function latency(key: string, nth: number): number {
  let sum = nth * 7;
  for (const letter of key) sum = (sum * 31 + letter.charCodeAt(0)) % 1009;
  return sum % 6;
}

test("a node that is answered by a cache is, whenever its process is killed", async () => {
  // A cache that outlives the process, as one in a database does.
  const caches = new Map<string, InMemoryCache>();
  const app = (effect: Effect, cache: InMemoryCache) => {
    const model = new FakeModel(effect, () => "answer");
    const ask = async () => ({ lines: [(await model.invoke("ask")).text] });
    return new StateGraph(Lines)
      .addNode("ask", ask, { cachePolicy: { keyFunc: () => "same", ttl: 60 } })
      .addNode("count", async ({ number }) => ({ number: number + 1 }))
      .addEdge(START, "ask")
      .addEdge("ask", "count")
      .addConditionalEdges("count", ({ number }) => (number < 3 ? "ask" : END))
      .compile({ cache });
  };
  const effects = await expectClean({
    name: "cache",
    async run({ runtime, runId, effect }) {
      const cache = caches.get(runId) ?? new InMemoryCache();
      caches.set(runId, cache);
      return runtime.run(app(effect, cache), {}, { durable: { runId } });
    },
  });
  expect(effects).toBe(1);
});

test("a stream that is killed on its way is asked for again as a whole, once", async () => {
  await expectClean(toldInPieces);
});

test("values of the state are what they were, in the node after a crash", async () => {
  const values = {
    date: new Date(0),
    map: new Map([["a", { n: 1 }]]),
    set: new Set([1, 2]),
    big: 2n ** 70n,
    bytes: new Uint8Array([1, 2, 255]),
    floats: new Float32Array([0.5]),
    url: new URL("https://example.com/"),
    error: new RangeError("too far"),
    nothing: undefined,
    notANumber: Number.NaN,
    document: new Document({ pageContent: "kelp", metadata: { at: new Date(1) } }),
    nested: [{ date: new Date(2) }],
  };
  const [before, after] = await seenAfterCrash(values);
  expect(before).toStrictEqual(values);
  expect(after).toStrictEqual(values);
  expect(await reported("lossy")).toEqual([]);
});

test("a class of the user's own does not survive, and the run says so", async () => {
  class Money {
    readonly amount = 7;
  }
  const [before, after] = await seenAfterCrash({ money: new Money() });
  expect(before).toEqual({ money: new Money() });
  expect(after).toEqual({ money: { amount: 7 } });
  expect(await reported("lossy")).toContainEqual(expect.stringContaining("Money"));
});

/** What the second node of a graph finds that the first one wrote: in its process, and in another. */
async function seenAfterCrash(values: object): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const State = Annotation.Root({ values: Annotation<object> });
  const app = new StateGraph(State)
    .addNode("write", async () => ({ values }))
    .addNode("read", async ({ values: found }) => {
      seen.push(found);
      resolve();
      if (seen.length === 1) await new Promise(() => {});
      return {};
    })
    .addEdge(START, "write")
    .addEdge("write", "read")
    .addEdge("read", END)
    .compile() as unknown as DurableApp;
  next()
    .run(app, {}, { durable })
    .catch(() => {}); // It is left where it is.
  await reached;
  die();
  await next().run(app, {}, { durable });
  return seen;
}
