// What the scenarios do not show: errors, equal agents side by side, other copies, what is asked again.
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Agent,
  type FunctionTool,
  MaxTurnsExceededError,
  type Model,
  type ModelRequest,
  ModelTimeoutError,
  OutputGuardrailTripwireTriggered,
  Runner,
  RunResult,
  run,
  ToolTimeoutError,
  tool,
} from "@openai/agents";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { agentThatCalls } from "./agent-that-calls.ts";
import { deadly } from "./deadly.ts";
import { processes } from "./processes.ts";
import { FakeModel, results } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import type { Notes } from "./scenarios/scenario.ts";

const { next, die, effect, effects } = processes();
const durable = { runId: "r" };
const options = () => ({ context: { notes: {} }, durable });
const call = (name: string, id = "c1") => ({ name, args: { q: "x" }, id });

test("a run that is over is given again, with agents and context, and asks no model", async () => {
  const app = () => agentThatCalls(effect, [call("look")], [fakeTool(effect, "look")]);
  const first = await next().run(app(), "Go.", options());
  const count = effects.length;
  const agent = app();
  const context = { notes: {} };
  const again = await next().run(agent, "Go.", { context, durable });
  expect(effects).toHaveLength(count);
  expect(again).toBeInstanceOf(RunResult);
  expect(again.finalOutput).toBe(first.finalOutput);
  expect(again.history).toEqual(first.history);
  expect(again.lastAgent).toBe(agent);
  expect(again.state.usage).toEqual(first.state.usage);
  expect(context).toEqual({ notes: { "look x": "done" } });
  expect(await next().handle("r").result()).toEqual({ finalOutput: first.finalOutput });
});

test("an agent runs bare where no run is, with the interception in place", async () => {
  const app = agentThatCalls(effect, [call("look")], [fakeTool(effect, "look")]);
  await run(app, "Go.", { context: { notes: {} } });
  await run(app, "Go.", { context: { notes: {} } });
  expect(effects).toHaveLength(6);
});

test("two calls of one agent as a tool side by side keep their steps apart", async () => {
  const helper = new Agent<Notes>({
    name: "Helper",
    model: new FakeModel(effect, "helper", (request) =>
      results(request).size > 0
        ? JSON.stringify([...results(request).values()])
        : [
            {
              name: "look",
              args: { q: JSON.stringify(request.input).includes("A") ? "a" : "b" },
              id: JSON.stringify(request.input).includes("A") ? "la" : "lb",
            },
          ],
    ),
    tools: [fakeTool(effect, "look")],
  });
  const app = () =>
    agentThatCalls(
      effect,
      [
        { name: "ask", args: { input: "A" }, id: "c1" },
        { name: "ask", args: { input: "B" }, id: "c2" },
      ],
      [helper.asTool({ toolName: "ask", toolDescription: "Asks." })],
    );
  const { finalOutput } = await next().run(app(), "Go.", options());
  expect(finalOutput).toMatch(/look did a.*look did b/);
  const scopes = (await next().handle("r").steps()).map(({ scope }) => scope);
  expect(new Set(scopes)).toEqual(
    new Set([
      "/turn 1",
      "/turn 1/ask c1/turn 1",
      "/turn 1/ask c1/turn 2",
      "/turn 1/ask c2/turn 1",
      "/turn 1/ask c2/turn 2",
      "/turn 2",
    ]),
  );
});

test("a failure that the SDK tells the model of is recorded as what it tells", async () => {
  const fails = tool({
    name: "fails",
    description: "Fails.",
    parameters: z.object({ q: z.string() }),
    errorFunction: (_, error) => `it said: ${(error as Error).message}`,
    execute: () => Promise.reject(new Error("no such thing")),
  });
  await next().run(agentThatCalls(effect, [call("fails")], [fails]), "Go.", options());
  const step = (await next().handle("r").steps()).find(({ name }) => name === "fails");
  expect(step).toMatchObject({
    status: "finished",
    result: "it said: no such thing",
  });
});

describe("a time limit of the SDK's", () => {
  const slow = (ms: number, timeoutBehavior: "error_as_result" | "raise_exception") =>
    tool({
      name: "slow",
      description: "Takes its time.",
      parameters: z.object({ q: z.string() }),
      timeoutMs: 20,
      timeoutBehavior,
      execute: async () => {
        await sleep(ms);
        return "late";
      },
    });

  test("is part of the step: what the model is told of it is told after a crash, too", async () => {
    const app = (ms: number, inside: () => Promise<void> = async () => {}) =>
      agentThatCalls(
        effect,
        [call("slow"), call("look", "c2")],
        [slow(ms, "error_as_result"), fakeTool(inside, "look")],
      );
    const { body, reached } = deadly();
    void next()
      .run(app(100, body), "Go.", options())
      .catch(() => {});
    await reached;
    const told = async () =>
      (await next().handle("r").steps()).find(({ name }) => name === "slow")?.result;
    await expect.poll(told).toContain("timed out after 20ms");
    die();
    const { finalOutput } = await next().run(app(0), "Go.", options());
    expect(finalOutput).toMatch(/timed out after 20ms.*look did x/);
  });

  test("holds for a tool that tool() has not made, and so does what is told of it", async () => {
    let ms = 100;
    const own: FunctionTool<Notes> = {
      ...(fakeTool(effect, "slow") as unknown as FunctionTool<Notes>),
      timeoutMs: 20,
      timeoutBehavior: "error_as_result",
      async invoke() {
        await effect("tool: slow");
        await sleep(ms);
        return "late";
      },
    };
    const app = () => agentThatCalls(effect, [call("slow")], [own]);
    const { finalOutput } = await next().run(app(), "Go.", options());
    expect(finalOutput).toContain("timed out after 20ms");
    const [, step] = await next().handle("r").steps();
    expect(step).toMatchObject({ name: "slow", status: "finished" });
    ms = 0;
    expect((await next().run(app(), "Go.", options())).finalOutput).toBe(finalOutput);
    expect(effects.filter((name) => name.startsWith("tool"))).toHaveLength(1);
  });

  test("that ends the run does so for good, also where the tool is quick by now", async () => {
    for (const ms of [100, 0]) {
      const app = agentThatCalls(effect, [call("slow")], [slow(ms, "raise_exception")]);
      const running = next().run(app, "Go.", options());
      await expect(running).rejects.toBeInstanceOf(ToolTimeoutError);
    }
    expect(effects).toEqual(["model: clerk (1)"]);
  });
});

test("a failure that ends the run is thrown as the SDK throws it, also by another process; retry() goes on there", async () => {
  let isBroken = true;
  const app = () =>
    agentThatCalls(
      effect,
      [call("first", "c1"), call("breaks", "c2")],
      [
        fakeTool(effect, "first"),
        tool({
          name: "breaks",
          description: "Breaks.",
          parameters: z.object({ q: z.string() }),
          errorFunction: null,
          execute: async () => {
            await sleep(20);
            if (isBroken) throw new Error("broken");
            return "mended";
          },
        }),
      ],
    );
  const failing = async () => next().run(app(), "Go.", options());
  const error = await failing().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "ToolCallError", error: { message: "broken" } });
  const count = effects.length;
  expect(await failing().catch((thrown: unknown) => thrown)).toMatchObject({
    name: "ToolCallError",
    message: (error as Error).message,
  });
  await expect(next().handle("r").result()).rejects.toMatchObject({ name: "ToolCallError" });
  isBroken = false;
  await next().handle("r").retry();
  expect((await failing()).finalOutput).toContain("mended");
  expect(effects.slice(count)).toEqual(["model: clerk (5)"]);
});

test("too many turns are too many in every process", async () => {
  const app = () =>
    new Agent<Notes>({
      name: "Clerk",
      model: new FakeModel(effect, "clerk", (request) => [
        call("look", `c${results(request).size}`),
      ]),
      tools: [fakeTool(effect, "look")],
    });
  for (const _ of [1, 2]) {
    const running = next().run(app(), "Go.", { ...options(), maxTurns: 2 });
    const error = await running.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MaxTurnsExceededError);
    expect((error as MaxTurnsExceededError).state?._currentTurn).toBe(2);
  }
  expect(effects).toHaveLength(4);
  await expect(next().handle("r").result()).rejects.toBeInstanceOf(MaxTurnsExceededError);
});

test("a prompt that is another one each time costs no second call", async () => {
  let count = 0;
  const app = () => {
    const agent = agentThatCalls(
      effect,
      [call("look")],
      [fakeTool(effect, "look", { needsApproval: true })],
    );
    agent.instructions = () => `This is prompt ${++count}.`;
    return agent;
  };
  await next().run(app(), "Go.", options());
  await next().handle("r").approve();
  await next().run(app(), "Go.", options());
  expect(effects).toEqual(["model: clerk (1)", "tool: look x", "model: clerk (3)"]);
  expect((await next().handle("r").steps()).map(({ kind, drift }) => [kind, drift])).toEqual([
    ["model", true],
    ["approval", false],
    ["code", false],
    ["tool", false],
    ["model", false],
  ]);
});

test("models that a provider hands out by name are durable, and called by that name", async () => {
  const model = new FakeModel(effect, "named", () => "said");
  const runner = new Runner({ modelProvider: { getModel: () => model } });
  const agent = new Agent({ name: "Clerk", model: "some-model" });
  const { finalOutput } = await next().run({ agent, runner }, "Go.", { durable });
  expect(finalOutput).toBe("said");
  expect(await next().handle("r").steps()).toMatchObject([{ kind: "model", name: "some-model" }]);
});

test("an agent of the copy that require() loads is durable", async () => {
  const require = createRequire(import.meta.url);
  const sdk = require("@openai/agents") as typeof import("@openai/agents");
  expect(sdk.Agent).not.toBe(Agent);
  const helper = new sdk.Agent({
    name: "Helper",
    model: new FakeModel(effect, "helper", () => "helped"),
  });
  const app = () =>
    new sdk.Agent({
      name: "Clerk",
      model: new FakeModel(effect, "clerk", (request) =>
        results(request).size > 0 ? "done" : [{ name: "ask", args: { input: "?" }, id: "c1" }],
      ),
      tools: [helper.asTool({ toolName: "ask", toolDescription: "Asks." })],
    });
  const first = await next().run(app(), "Go.", { durable });
  expect(first).toBeInstanceOf(sdk.RunResult);
  expect((await next().run(app(), "Go.", { durable })).finalOutput).toBe("done");
  expect(effects).toHaveLength(3);
  const short = { maxTurns: 1, durable: { runId: "short" } };
  await expect(next().run(app(), "Go.", short)).rejects.toBeInstanceOf(sdk.MaxTurnsExceededError);
  const later = next().handle("short").result();
  await expect(later).rejects.toBeInstanceOf(sdk.MaxTurnsExceededError);
});

test("a model call that takes too long has failed for good, also where it would answer by now", async () => {
  let calls = 0;
  const slow = async () => {
    calls += 1;
    await sleep(60);
  };
  const app = () =>
    new Agent<Notes>({
      name: "Clerk",
      model: new FakeModel(slow, "clerk", () => "said"),
      modelSettings: { timeoutMs: 20 },
    });
  for (const _ of [1, 2]) {
    const running = next().run(app(), "Go.", options());
    await expect(running).rejects.toBeInstanceOf(ModelTimeoutError);
  }
  expect(calls).toBe(1);
  expect(await next().handle("r").steps()).toMatchObject([{ kind: "model", status: "failed" }]);
});

test("what a guardrail said against the run is said in every process, and not asked again", async () => {
  const app = (says: boolean) => {
    const agent = agentThatCalls(effect, "said", []);
    const execute = async () => {
      await effect("guardrail");
      return { tripwireTriggered: says, outputInfo: "not that" };
    };
    agent.outputGuardrails = [{ name: "guard", execute }];
    return agent;
  };
  for (const says of [true, false]) {
    const running = next().run(app(says), "Go.", options());
    const error = await running.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OutputGuardrailTripwireTriggered);
    expect(error).toMatchObject({ result: { output: { outputInfo: "not that" } } });
  }
  expect(effects).toEqual(["model: clerk (1)", "guardrail"]);
});

test("a run that its caller aborts can be gone on with", async () => {
  const abort = new AbortController();
  const app = (inside: () => Promise<void> = async () => {}) =>
    agentThatCalls(
      effect,
      [call("look", "c1"), call("stop", "c2")],
      [fakeTool(effect, "look"), fakeTool(inside, "stop")],
    );
  const aborting = app(async () => {
    await sleep(20);
    abort.abort();
    await sleep(20);
  });
  const running = next().run(aborting, "Go.", { ...options(), signal: abort.signal });
  await expect(running).rejects.toMatchObject({ name: "AbortError" });
  await next().handle("r").retry();
  const { finalOutput } = await next().run(app(), "Go.", options());
  expect(finalOutput).toMatch(/look did x.*stop did x/);
  expect(effects.filter((name) => name === "tool: look x")).toHaveLength(1);
});

test("a model that calls another one is one step, and an agent as a tool may have a provider of its own", async () => {
  class Wrapping implements Model {
    readonly #inner = new FakeModel(effect, "inner", (request) =>
      results(request).size > 0 ? "wrapped" : [{ name: "ask", args: { input: "?" }, id: "c1" }],
    );
    getResponse(request: ModelRequest) {
      return this.#inner.getResponse(request);
    }
    getStreamedResponse(request: ModelRequest) {
      return this.#inner.getStreamedResponse(request);
    }
  }
  const helper = new Agent<Notes>({ name: "Helper", model: "helper-model" });
  const helping = new FakeModel(effect, "helper", () => "helped");
  const app = () =>
    new Agent<Notes>({
      name: "Clerk",
      model: new Wrapping(),
      tools: [
        helper.asTool({
          toolName: "ask",
          toolDescription: "Asks.",
          runConfig: { modelProvider: { getModel: () => helping } },
        }),
      ],
    });
  const stream = next().stream(app(), "Go.", options());
  await stream.completed;
  expect(stream.finalOutput).toBe("wrapped");
  expect((await next().run(app(), "Go.", options())).finalOutput).toBe("wrapped");
  expect(effects).toEqual(["model: inner (1)", "model: helper (1)", "model: inner (3)"]);
  expect((await next().handle("r").steps()).map(({ name }) => name)).toEqual([
    "Wrapping",
    "helper-model",
    "Wrapping",
  ]);
});
