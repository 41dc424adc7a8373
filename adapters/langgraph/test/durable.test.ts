// Every scenario does durably what it does with LangGraph alone, and a crash anywhere changes nothing.
import { HumanMessage } from "@langchain/core/messages";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { everyPoint, inMemory, survive } from "../../../conformance/src/crash/index.ts";
import { crashScenario, observe } from "./crash-scenario.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { scenarios } from "./scenarios/index.ts";
import { plain } from "./scenarios/plain.ts";
import { rounds } from "./scenarios/rounds.ts";

describe.each(scenarios)("$name", (scenario) => {
  test("returns durably what it returns with LangGraph alone, with the same effects", async () => {
    const bare = await observe(scenario);
    const { ending, outside } = await survive(crashScenario(scenario, bare.questions), {
      database: inMemory(),
    });
    expect(ending).toEqual({ is: "returned", output: bare.output });
    expect([...outside.counts.values()].every((count) => count === 1)).toBe(true);
    expect(namesOf([...outside.counts.keys()])).toEqual(bare.effects);
  });

  test("is killed at every write and every effect, and nobody can tell", async () => {
    const { questions } = await observe(scenario);
    const report = await everyPoint(crashScenario(scenario, questions), { database: inMemory });
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  });
});

test("a call that a person approved is made once, wherever its process is killed", async () => {
  const paid = "tool: pay pay1";
  const report = await everyPoint(
    {
      name: "approval",
      options: { policies: { approve: { tools: ["pay"] } } },
      once: [paid],
      async run({ runtime, runId, effect }) {
        const model = new FakeModel(effect, rounds(["look", "pay", "pay"]));
        const app = createAgent({
          model,
          tools: [fakeTool(effect, "look"), fakeTool(effect, "pay")],
        });
        const input = { messages: [new HumanMessage("go")] };
        return plain(await runtime.run(app, input, { durable: { runId } }));
      },
      async answer({ kind, seq, body }, { handle, happened }) {
        const about = JSON.parse(body!) as { readonly q?: string; readonly step: number };
        if (kind === "doubt") {
          await handle.settle(
            about.step,
            (await happened(paid)) ? { result: "pay found pay1" } : "retry",
          );
        } else if (about.q === "pay1") await handle.approve(seq);
        else await handle.reject(seq, { note: "too much" });
      },
    },
    { database: inMemory },
  );
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

/** Effects without where they happened. */
function namesOf(keys: readonly string[]): readonly string[] {
  return keys.map((key) => key.slice(0, key.lastIndexOf(" in /"))).sort();
}
