// What a crash could change and does not: which branch is faster, what a cache had, where a stream was,
// of which classes the values in the state are.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Document } from "@langchain/core/documents";
import { type AIMessage, HumanMessage } from "@langchain/core/messages";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { createAgent, toolStrategy } from "langchain";
import { expect, onTestFinished, test } from "vitest";
import {
  type Scenario as CrashScenario,
  everyPoint,
  inMemory,
  type PointReport,
} from "../../../conformance/src/crash/index.ts";
import { cached } from "./cached.ts";
import { crashScenario, type DurableApp } from "./crash-scenario.ts";
import { durable, processes } from "./processes.ts";
import { langchainAgent } from "./scenarios/create-agent.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { parallelChains } from "./scenarios/parallel-chains.ts";
import { reactAgentV1 } from "./scenarios/react-agent-v1.ts";
import { sendFanOut } from "./scenarios/send-fan-out.ts";
import { slowInTurn } from "./slow-in-turn.ts";
import { toldInPieces } from "./teller.ts";

const { next, die, reported, twice } = processes();

async function expectClean(scenario: CrashScenario): Promise<PointReport> {
  const report = await everyPoint(scenario, { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
  return report;
}

test.each([parallelChains, sendFanOut, langchainAgent, reactAgentV1])(
  "$name: other branches are the slow ones in every process, and nobody can tell",
  async (scenario) => void (await expectClean(slowInTurn(crashScenario(scenario)))),
);

test("a node that is answered by a cache is, whenever its process is killed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-cache-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const report = await expectClean(cached(folder));
  expect(report.effects).toBe(1 + 3);
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

test("the structured response of an agent does not survive, but stands in its messages", async () => {
  const [before, after] = await twice(async () => {
    const call = { name: "Answer", args: { euros: 7 }, id: "call_0" };
    const properties = { euros: { type: "number" } };
    const agent = createAgent({
      model: new FakeModel(
        async () => {},
        () => [call],
      ),
      tools: [],
      responseFormat: toolStrategy({ title: "Answer", type: "object", properties }),
    });
    const { structuredResponse, messages } = await agent.invoke({
      messages: [new HumanMessage("How much?")],
    });
    const calls = messages.flatMap((message) => (message as AIMessage).tool_calls ?? []);
    return { structuredResponse, args: calls.at(-1)?.args };
  });
  expect(before).toEqual({ structuredResponse: { euros: 7 }, args: { euros: 7 } });
  expect(after).toEqual({ structuredResponse: undefined, args: { euros: 7 } });
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
