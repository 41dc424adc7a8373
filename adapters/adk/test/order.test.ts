// Branches side by side that see each other: after a crash they go on from what they had seen.
import { setTimeout as sleep } from "node:timers/promises";
import { FunctionTool, LlmAgent, ParallelAgent, SequentialAgent } from "@google/adk";
import { expect, test } from "vitest";
import { z } from "zod";
import { inMemory, type Survived, survive } from "../../../conformance/src/crash/index.ts";
import { Random } from "../../../conformance/src/fuzz/random.ts";
import { crashScenario } from "./crash-scenario.ts";
import { FakeLlm, instruction, responses } from "./scenarios/fake-llm.ts";
import { parallel } from "./scenarios/parallel.ts";
import type { PlainTurn } from "./scenarios/run-bare.ts";
import type { Effect, Scenario } from "./scenarios/scenario.ts";

const seed = Number(process.env.HOLDFAST_ORDER_SEED ?? Date.now() % 1_000_000_000);
console.log(`HOLDFAST_ORDER_SEED=${seed}`);
const RUNS = 25;

test("who was heard first, and who wrote last, stays so", async () => {
  await eachRun(parallel, ({ ending }) => {
    const { events, state } = (ending as { readonly output: PlainTurn }).output;
    const heard = events.flatMap((event) => event.match(/^\w+: "(\w+ was heard)"/)?.[1] ?? []);
    expect(state.shared).toBe(heard.at(-1));
    expect(events.at(-1)).toContain(`Last: ${heard.at(-1)}; order: ${heard.join(", ")}`);
  });
});

test("what a branch read of the state that another one writes stays so", async () => {
  await eachRun(watching, ({ ending }) => {
    expect(ending.is).toBe("returned");
  });
});

/** Runs it again and again, each time with other latencies and two crashes somewhere else. */
async function eachRun(scenario: Scenario, check: (survived: Survived) => void): Promise<void> {
  const random = new Random(seed);
  const runs = Array.from({ length: RUNS }, async () => {
    const latencies = new Random(random.below(2 ** 31));
    const durable = crashScenario(scenario);
    const crashes = [1, 2].map(() => ({ write: 5 + random.below(30), when: "after" }) as const);
    const survived = await survive(
      {
        ...durable,
        run: (process) =>
          durable.run({
            ...process,
            async effect(key) {
              await process.effect(key);
              await sleep(latencies.below(8));
            },
          }),
      },
      { database: inMemory(), crashes },
    );
    const unwanted = ["drift", "reordered", "diverged", "escaped", "lossy"];
    expect(survived.journal.filter(({ entry }) => unwanted.includes(entry))).toEqual([]);
    expect(survived.outside.repeated).toEqual([]);
    check(survived);
  });
  await Promise.all(runs);
}

/** One branch counts in the state, by tools; the other one is told the count before each of its calls. */
const watching: Scenario = {
  name: "watching",
  build: (effect) => {
    const app = new SequentialAgent({
      name: "root",
      subAgents: [
        new ParallelAgent({
          name: "both",
          subAgents: [repeating(effect, "counter", "tick"), repeating(effect, "reader", "look")],
        }),
      ],
    });
    return { app, input: "Go." };
  },
};

/** Calls its tool three times. Its model is told what the last call of either tool was. */
function repeating(effect: Effect, name: string, tool: string): LlmAgent {
  const write = new FunctionTool({
    name: tool,
    description: "Writes, and takes a while.",
    parameters: z.object({ count: z.number() }),
    execute: async ({ count }, context) => {
      context?.state.set(tool, count);
      await effect(`tool: ${tool} ${count}`);
      return { count };
    },
  });
  return new LlmAgent({
    name,
    instruction: "Ticks: {tick?}, looks: {look?}",
    model: new FakeLlm(effect, name, (request) => {
      const count = responses(request, tool).length;
      return count < 3 ? [{ name: tool, args: { count } }] : instruction(request);
    }),
    tools: [write],
  });
}
