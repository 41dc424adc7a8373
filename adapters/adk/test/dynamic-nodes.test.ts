// Nodes that run other nodes: places, whatever their body comes to. Nothing but what is inside is on record.
import { LlmAgent, type NodeContext, node, Workflow } from "@google/adk";
import { Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { expect, onTestFinished, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { crashScenario } from "./crash-scenario.ts";
import { FakeLlm } from "./scenarios/fake-llm.ts";
import type { Effect } from "./scenarios/scenario.ts";

const runsOthers = { rerunOnResume: true };
const quiet: Effect = async () => {};

const leaf = (effect: Effect, name = "leaf") =>
  node(
    async () => {
      await effect(name);
      return "leafed";
    },
    { name: "leaf" },
  );
const last = (effect: Effect) =>
  node(
    async () => {
      await effect("last");
      return "done";
    },
    { name: "last" },
  );

/** Killed at every point: what came to something else. */
async function differences(name: string, build: (effect: Effect) => Workflow) {
  const scenario = crashScenario({
    name,
    build: (effect) => ({ app: build(effect), input: "Go." }),
  });
  const { failures, deaths, schedules } = await everyPoint(scenario, {
    database: inMemory,
    atOnce: 12,
  });
  expect(deaths).toBe(schedules);
  return failures;
}

test("one that failed after it ran another is tried again by ADK, killed at every point", async () => {
  const flow = (effect: Effect) => {
    const middle = async (context: NodeContext) => {
      await context.runNode(leaf(effect, `leaf ${context.attemptCount}`), 1);
      await effect(`middle ${context.attemptCount}`);
      if (context.attemptCount < 2) throw new Error("bad");
      return "ok";
    };
    const retryConfig = { maxAttempts: 3, initialDelay: 0.001, jitter: 0 };
    const tried = node(middle, { name: "middle", ...runsOthers, retryConfig });
    return new Workflow({ name: "flow", edges: [["START", tried, last(effect)]] });
  };
  expect(await differences("tried again", flow)).toEqual([]);
});

test("one that failed after it ran another is caught by the one that ran it, killed at every point", async () => {
  const flow = (effect: Effect) => {
    const fail = async (context: NodeContext) => {
      await context.runNode(leaf(effect), 1);
      throw new Error("bad");
    };
    const middle = node(fail, { name: "middle", ...runsOthers });
    const outer = async (context: NodeContext) =>
      context.runNode(middle, 2).then(
        () => "not caught",
        () => "caught",
      );
    return new Workflow({
      name: "flow",
      edges: [["START", node(outer, { name: "outer", ...runsOthers }), last(effect)]],
    });
  };
  expect(await differences("caught", flow)).toEqual([]);
});

/** Runs it until it fails, has it tried again, and runs it to its end. */
async function failedAndTriedAgain(app: Workflow): Promise<unknown> {
  const runtime = new Runtime({ store: openMemoryStore(memoryDatabase()), hotPeriod: 0 });
  onTestFinished(() => runtime.close());
  const durable = { runId: "r" };
  await expect(runtime.run(app, "Go.", { durable })).rejects.toThrow("down");
  await runtime.handle("r").retry();
  return (await runtime.run(app, "Go.", { durable })).output;
}

test("what failed inside is what is tried again by the handle: a node, a model, the one that runs them", async () => {
  const calls: string[] = [];
  const downOnce = () => {
    let isDown = true;
    return async (name: string) => {
      calls.push(name);
      if (isDown) {
        isDown = false;
        throw new Error("down");
      }
    };
  };
  const running = (inner: ReturnType<typeof leaf> | LlmAgent, outside: Effect = quiet) => {
    const outer = async (context: NodeContext) => {
      const { output } = await context.runNode(inner, "Go.");
      await outside("outside");
      return `got ${output}`;
    };
    const flow = node(outer, { name: "outer", ...runsOthers });
    return new Workflow({ name: "flow", edges: [["START", flow]] });
  };

  expect(await failedAndTriedAgain(running(leaf(downOnce())))).toBe("got leafed");
  const model = new FakeLlm(downOnce(), "model", () => "well");
  expect(await failedAndTriedAgain(running(new LlmAgent({ name: "agent", model })))).toBe(
    "got well",
  );
  const counted = leaf(async (name) => void calls.push(name));
  expect(await failedAndTriedAgain(running(counted, downOnce()))).toBe("got leafed");
  expect(calls).toEqual([
    ...["leaf", "leaf"],
    ...["model: model (1)", "model: model (1)"],
    ...["leaf", "outside", "outside"],
  ]);
});
