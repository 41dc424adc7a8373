// Questions of graphs and approvals of tool calls, asked in one process and answered in another.
import { setTimeout as sleep } from "node:timers/promises";
import type { Policies, RunHandle } from "@holdfast/core";
import { HumanMessage } from "@langchain/core/messages";
import { END, interrupt, Send, START, StateGraph } from "@langchain/langgraph";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { createAgent } from "langchain";
import { beforeEach, expect, test } from "vitest";
import "../src/index.ts";
import { type DurableApp, questionsIn } from "./crash-scenario.ts";
import { durable, processes } from "./processes.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { interruptInNode } from "./scenarios/interrupt-in-node.ts";
import { interruptInTool } from "./scenarios/interrupt-in-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import { plain } from "./scenarios/plain.ts";
import { rounds } from "./scenarios/rounds.ts";
import { runBare } from "./scenarios/run-bare.ts";

/** A runtime of its own on the same database: what another process is. */
const { next: process } = processes();
/** What happened outside, in all processes. */
let effects: string[];
beforeEach(() => {
  effects = [];
});

const effect = async (name: string) => void effects.push(name);

test.each([interruptInNode, interruptInTool])(
  "$name: each pause is returned as bare, answered and gone on from by other processes",
  async (scenario) => {
    const bareEffects: string[] = [];
    const expected = await runBare(scenario, async (name) => void bareEffects.push(name));
    const run = async () => {
      const { app, input, options } = scenario.build(effect);
      return plain(await process().run(app as DurableApp, input, { ...options, durable }));
    };
    const turns = [await run()];
    for (const answer of scenario.answers ?? []) {
      expect(questionsIn(await run())).toEqual(questionsIn(turns.at(-1)));
      await process().handle("r").respond(undefined, answer);
      turns.push(await run());
    }
    expect(turns).toEqual(expected);
    expect(await run()).toEqual(expected.at(-1));
    const repeated = [...(scenario.repeated ?? [])];
    for (const name of repeated) bareEffects.splice(bareEffects.indexOf(name), 1);
    expect(effects.sort()).toEqual(bareEffects.sort());
  },
);

const ask = async () => ({ lines: [interrupt("Go on?"), interrupt("Go on?")] as string[] });
const asking = () => {
  const graph = new StateGraph(Lines).addNode("ask", ask);
  return graph.addEdge(START, "ask").addEdge("ask", END).compile();
};
const askingInside = () => {
  const graph = new StateGraph(Lines).addNode("inside", asking());
  return graph.addEdge(START, "inside").addEdge("inside", END).compile();
};

test.each([
  ["a graph", asking],
  ["a graph in a graph", askingInside],
])("two equal questions of one task in %s are two, each with its own answer", async (_, app) => {
  await process().run(app(), {}, { durable });
  await process().handle("r").respond(undefined, "first");
  const paused = await process().run(app(), {}, { durable });
  expect(plain(paused)).toMatchObject({ __interrupt__: ["Go on?"] });
  expect(plain(await process().run(app(), {}, { durable }))).toEqual(plain(paused));
  await process().handle("r").respond(undefined, "second");
  const { lines } = await process().run(app(), {}, { durable });
  expect(lines).toEqual(["first", "second"]);
});

test("a try of a node after one that failed is told what that was answered, and asks what is new", async () => {
  const app = () => {
    let tries = 0;
    const node = async () => {
      const first: unknown = interrupt("Go on?");
      tries += 1;
      if (tries === 1) throw new Error("the line is busy");
      return { lines: [first, interrupt("How far?")] as string[] };
    };
    const retryPolicy = { maxAttempts: 2, initialInterval: 1, jitter: false, logWarning: false };
    return new StateGraph(Lines)
      .addNode("node", node, { retryPolicy })
      .addEdge(START, "node")
      .addEdge("node", END)
      .compile();
  };
  await process().run(app(), {}, { durable });
  await process().handle("r").respond(undefined, "yes");
  const paused = await process().run(app(), {}, { durable });
  expect(plain(paused)).toMatchObject({ __interrupt__: ["How far?"] });
  await process().handle("r").respond(undefined, "to the end");
  const { lines } = await process().run(app(), {}, { durable });
  expect(lines).toEqual(["yes", "to the end"]);
});

test("branches that ask at once are answered in any order, one at a time", async () => {
  const work = async ({ number }: typeof Lines.State) => {
    const answer: unknown = interrupt({ question: `item ${number}` });
    await effect(`work ${number}`);
    return { lines: [`${number}: ${answer}`] };
  };
  const app = () =>
    new StateGraph(Lines)
      .addNode("work", work)
      .addConditionalEdges(START, () => [1, 2].map((number) => new Send("work", { number })))
      .addEdge("work", END)
      .compile();
  const paused = await process().run(app(), {}, { durable });
  expect(questionsIn(plain(paused))).toEqual(["item 1", "item 2"]);
  const handle = process().handle("r");
  await handle.respond((await waitsOf(handle))[1], "b");
  const pausedAgain = await process().run(app(), {}, { durable });
  expect(questionsIn(plain(pausedAgain))).toEqual(["item 1"]);
  await handle.respond(undefined, "a");
  const { lines } = await process().run(app(), {}, { durable });
  expect(lines.toSorted()).toEqual(["1: a", "2: b"]);
  expect(effects.toSorted()).toEqual(["work 1", "work 2"]);
});

test("a tool beside one that asks is not run again, slow as it may be", async () => {
  const app = () => {
    const slow = async (name: string) => {
      if (name.includes("orders")) await sleep(50);
      effects.push(name);
    };
    const { tools, model } = toolsOf(slow);
    return createReactAgent({ llm: model, tools, version: "v1" });
  };
  const input = { messages: [new HumanMessage("go")] };
  await process().run(app(), input, { durable });
  await process().handle("r").respond(undefined, "yes");
  const { messages } = await process().run(app(), input, { durable });
  expect(messages.at(-1)?.text).toBe("concluded after 2 tools");
  expect(effects.filter((name) => name.startsWith("tool: orders"))).toHaveLength(1);

  function toolsOf(each: (name: string) => Promise<void>) {
    const asking = fakeTool(async (name) => {
      interrupt({ question: name });
      await each(name);
    }, "refund");
    const model = new FakeModel(each, rounds(["refund", "orders"]));
    return { model, tools: [asking, fakeTool(each, "orders")] };
  }
});

const agents = {
  createAgent: () => createAgent({ model: model(), tools: [tool("look"), tool("pay")] }),
  "createReactAgent, version 1": () =>
    createReactAgent({ llm: model(), tools: [tool("look"), tool("pay")], version: "v1" }),
  "createReactAgent, version 2": () =>
    createReactAgent({ llm: model(), tools: [tool("look"), tool("pay")], version: "v2" }),
};
const tool = (name: string) => fakeTool(effect, name);
const model = () => new FakeModel(effect, rounds(["look", "pay", "pay"]));
const payNeedsApproval: Policies = { approve: { tools: ["pay"] } };

test.each(Object.entries(agents))(
  "%s: calls that policy says a person approves wait for it, elsewhere",
  async (_name, agent) => {
    const input = { messages: [new HumanMessage("go")] };
    const running = process({ policies: payNeedsApproval }).run(agent() as DurableApp, input, {
      durable,
    });
    const handle = process().handle("r");
    await expect.poll(async () => (await waitsOf(handle)).length).toBe(2);
    expect(effects).not.toContain("tool: pay pay1");
    const [first, second] = await waitsOf(handle);
    await handle.approve(first, { by: "ana", args: { q: "less" } });
    await handle.reject(second, { by: "bo", note: "too much" });
    const { messages } = plain(await running) as { readonly messages: readonly string[] };
    expect(messages.filter((line) => line.startsWith("tool"))).toEqual([
      "tool look: [call_0] success look found look0",
      "tool pay: [call_1] success pay found less",
      "tool pay: [call_2] error The call was rejected: too much",
    ]);
    expect(effects.filter((name) => name.startsWith("tool"))).toEqual([
      "tool: look look0",
      "tool: pay less",
    ]);
  },
);

test("an approval is no error to code that catches those of its tools", async () => {
  const pay = tool("pay");
  const careful = async () => {
    try {
      return { lines: [await pay.invoke({ q: "bill" })] };
    } catch {
      return { lines: ["failed"] };
    }
  };
  const app = new StateGraph(Lines)
    .addNode("careful", careful)
    .addEdge(START, "careful")
    .addEdge("careful", END)
    .compile();
  const policies = payNeedsApproval;
  const running = process().run(app, {}, { durable: { ...durable, policies } });
  const handle = process().handle("r");
  await expect.poll(async () => (await waitsOf(handle)).length).toBe(1);
  await handle.approve();
  expect((await running).lines).toEqual(["pay found bill"]);
});

/** The numbers of the waits that a run that waits says it waits for. */
async function waitsOf(handle: RunHandle): Promise<readonly number[]> {
  const report = await handle.status().catch(() => undefined);
  return report?.why?.reason === "wait" ? report.why.waits.map(({ seq }) => seq) : [];
}
