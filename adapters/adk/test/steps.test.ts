// What else an app does that is not to happen twice: artifacts, memory, code, callbacks.
import {
  BaseCodeExecutor,
  type CodeExecutionResult,
  type ExecuteCodeParams,
  LlmAgent,
  type LlmAgentConfig,
} from "@google/adk";
import { Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { expect, test } from "vitest";
import {
  everyPoint,
  inMemory,
  type Scenario,
  survive,
} from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { callbacks, instead, toolError } from "./callbacks.ts";
import { oneTurn } from "./one-turn.ts";
import { FakeLlm, said } from "./scenarios/fake-llm.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** Killed at every write and every effect; its last output. */
async function survives(scenario: Scenario) {
  const report = await everyPoint(scenario, { database: inMemory, atOnce: 24 });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
  const { ending, outside } = await survive(scenario, { database: inMemory() });
  if (ending.is === "threw") throw ending.error;
  return {
    ...(ending.output as { readonly output: unknown; readonly events: readonly string[] }),
    outside,
  };
}

test("artifacts and memory of a conversation are there in its next turn, in another process", async () => {
  const database = memoryDatabase();
  const say = async (
    text: string,
    callbacks: Pick<LlmAgentConfig, "beforeAgentCallback" | "afterAgentCallback">,
  ) => {
    const agent = new LlmAgent({
      ...callbacks,
      name: "keeper",
      model: new FakeLlm(
        async () => {},
        "keeper",
        (request) => said(request).split("\n").at(-1)!,
      ),
    });
    const runtime = new Runtime({ store: openMemoryStore(database) });
    await runtime.run(agent, text, { userId: "ann", sessionId: "s" });
    await runtime.close();
  };
  await say("I like kelp.", {
    afterAgentCallback: async (context) => {
      await context.saveArtifact("user:note", { text: "likes kelp" });
      const { memoryService, session } = context.invocationContext;
      await memoryService!.addSessionToMemory(session);
      return undefined;
    },
  });
  const found: unknown[] = [];
  await say("What do I like?", {
    beforeAgentCallback: async (context) => {
      found.push(await context.loadArtifact("user:note"));
      const { memories } = await context.searchMemory("kelp");
      found.push(memories.map(({ content }) => content.parts?.[0]?.text));
      return undefined;
    },
  });
  expect(found).toEqual([{ text: "likes kelp" }, ["I like kelp.", "I like kelp."]]);
});

test("code that an agent has executed over a file it was given is executed once", async () => {
  const data = Buffer.from("a,b\n1,2\n").toString("base64");
  const input = { parts: [{ inlineData: { mimeType: "text/csv", data } }] };
  const build = (effect: Effect) => {
    class Executor extends BaseCodeExecutor {
      override optimizeDataFile = true;
      override async executeCode({
        codeExecutionInput: { inputFiles },
      }: ExecuteCodeParams): Promise<CodeExecutionResult> {
        await effect(`code: ${inputFiles.map(({ name }) => name).join()}`);
        return { stdout: "two columns", stderr: "", outputFiles: [] };
      }
    }
    return new LlmAgent({
      name: "coder",
      model: new FakeLlm(effect, "coder", () => "read"),
      codeExecutor: new Executor(),
    });
  };
  const { output, outside } = await survives(oneTurn("code", build, input));
  expect(output).toBe("read");
  expect([...outside.counts.keys()]).toEqual(["code: data_1_1.csv", "model: coder (3)"]);
});

test("callbacks and plugins of the user run in their order, in every execution, around what is recorded", async () => {
  const { output, events } = await survives(callbacks);
  expect(output).toBe(
    "changed: plugin before model, before model, after model, before tool, plugin after tool, after tool, plugin before model, before model",
  );
  expect(events.join()).toContain('"seen":true');
});

test("callbacks that answer instead of an agent, a model or a tool, or after them, are what counts", async () => {
  const { events, outside } = await survives(instead);
  expect(events).toEqual([
    'agent: "instead of the agent"',
    'model: "instead of the model"',
    'after: "after the model"',
    'after: "after the agent" sets {"after":true}',
    "caller: calls look({})",
    'caller: look answers {"instead":true}',
    'caller: "[{\\"instead\\":true}]"',
  ]);
  expect([...outside.counts.keys()]).toEqual([
    expect.stringContaining("model: after"),
    expect.stringContaining("model: caller"),
    expect.stringContaining("model: caller"),
  ]);
});

test("what a plugin makes of a tool's error is what the model is told, in every execution", async () => {
  const { output } = await survives(toolError);
  expect(output).toBe('[{"excuse":"It was not me."}]');
});
