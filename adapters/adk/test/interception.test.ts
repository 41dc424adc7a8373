// What the adapter puts around ADK: where it is felt, and where it must not be.
import { createRequire } from "node:module";
import {
  type BaseTool,
  BaseToolset,
  InMemoryRunner,
  LlmAgent,
  type LlmRequest,
  LongRunningFunctionTool,
} from "@google/adk";
import { Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { inMemory, survive } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeLlm, instruction, responses } from "./scenarios/fake-llm.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { oneToolAgent } from "./scenarios/one-tool-agent.ts";
import { plainEvent } from "./scenarios/plain.ts";
import { runBare } from "./scenarios/run-bare.ts";
import type { Effect } from "./scenarios/scenario.ts";
import { sequence } from "./scenarios/sequence.ts";
import { transferTree } from "./scenarios/transfer-tree.ts";
import { workflow } from "./scenarios/workflow.ts";

const runtimes: Runtime[] = [];
afterEach(() => Promise.all(runtimes.splice(0).map((runtime) => runtime.close())));

function runtimeOn(database = memoryDatabase()): Runtime {
  const runtime = new Runtime({ store: openMemoryStore(database), hotPeriod: 0 });
  runtimes.push(runtime);
  return runtime;
}

const quiet = async () => {};

test("an app that ran durably looks as before, and runs with ADK alone as before", async () => {
  const before = await runBare(transferTree, quiet);
  const built = transferTree.build(quiet);
  const looks = () => describeObject(built.app);
  const looked = looks();
  await runtimeOn().run(built.app as LlmAgent, built.input);
  expect(looks()).toEqual(looked);
  expect(await runBare({ ...transferTree, build: () => built }, quiet)).toEqual(before);
});

/** Everything enumerable of an agent, its models and its tools. */
function describeObject(value: unknown, seen = new Set<unknown>()): unknown {
  if (typeof value !== "object" || value === null || seen.has(value)) return typeof value;
  seen.add(value);
  return Object.entries(value).map(([key, of]) => [key, describeObject(of, seen)]);
}

test("models and tools that are frozen are durable as well", async () => {
  const agent = oneToolAgent(quiet, "cold");
  Object.freeze(agent.model);
  for (const tool of agent.tools) Object.freeze(tool);
  const runtime = runtimeOn();
  await runtime.run(agent, "Go.", { durable: { runId: "r" } });
  const steps = await runtime.handle("r").steps();
  expect(steps.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "model cold",
    "tool cold_tool",
    "model cold",
  ]);
});

test("one app serves two runs at once", async () => {
  const { app, input } = transferTree.build(quiet);
  const runtime = runtimeOn();
  const [one, other] = await Promise.all([
    runtime.run(app as LlmAgent, input),
    runtime.run(app as LlmAgent, input),
  ]);
  expect(one.events.length).toBe(7);
  expect(other.events.length).toBe(7);
  expect(one.events[0]?.invocationId).not.toBe(other.events[0]?.invocationId);
});

test("a finished run returns its recorded output, with events that ADK knows for its own", async () => {
  const database = memoryDatabase();
  const options = { durable: { runId: "r" } };
  const run = () => {
    const { app, input } = sequence.build(quiet);
    return runtimeOn(database).run(app as LlmAgent, input, options);
  };
  const first = await run();
  const again = await run();
  expect(again).toEqual(first);
  expect(Symbol.for("google.adk.event") in again.events[0]!).toBe(true);
});

test("events, invocations and function calls have the same ids in every execution", async () => {
  const seen: string[][] = [];
  const { ending } = await survive(
    {
      name: "ids",
      async run({ runtime, runId, effect, nth }) {
        const agent = (name: string) => {
          const own = oneToolAgent(effect, name);
          own.afterModelCallback = ({ context }) => {
            const { session, invocationId } = context.invocationContext;
            seen[nth] = [invocationId, ...session.events.map(({ id }) => id)];
            return undefined;
          };
          return own;
        };
        const app = new LlmAgent({
          name: "root",
          model: new FakeLlm(effect, "root", () => [
            { name: "transfer_to_agent", args: { agentName: "worker" } },
          ]),
          subAgents: [agent("worker")],
        });
        const { events } = await runtime.run(app, "Go.", { durable: { runId } });
        return events.map(({ id }) => id);
      },
    },
    { database: inMemory(), crashes: [{ effect: 4, announced: true }] },
  );
  const [, first = [], second = []] = seen;
  expect(first.length).toBeGreaterThan(3);
  expect(second.slice(0, first.length)).toEqual(first);
  expect(ending).toMatchObject({ is: "returned", output: expect.arrayContaining(first.slice(2)) });
});

test("an app of the CommonJS copy of ADK is durable as well", async () => {
  const adk = createRequire(import.meta.url)("@google/adk") as typeof import("@google/adk");
  expect(adk.LlmAgent).not.toBe(LlmAgent);
  class Model extends adk.BaseLlm {
    override async *generateContentAsync(request: LlmRequest) {
      const parts =
        responses(request, "look").length === 0
          ? [{ functionCall: { name: "look", args: {} } }]
          : [{ text: "seen" }];
      yield { content: { role: "model", parts } };
    }
    override connect(): Promise<never> {
      return Promise.reject(new Error("The model has no live connection."));
    }
  }
  const look = new adk.FunctionTool({ name: "look", description: "Looks.", execute: () => "sea" });
  const app = new adk.LlmAgent({
    name: "watcher",
    model: new Model({ model: "m" }),
    tools: [look],
  });
  const runtime = runtimeOn();
  const { output } = await runtime.run(app, "Look.", { durable: { runId: "r" } });
  expect(output).toBe("seen");
  const steps = await runtime.handle("r").steps();
  expect(steps.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "model watcher",
    "tool look",
    "model watcher",
  ]);
});

test("a Runner of the CommonJS copy, with its services, is durable as well", async () => {
  const adk = createRequire(import.meta.url)("@google/adk") as typeof import("@google/adk");
  const build = () => {
    class Model extends adk.BaseLlm {
      override async *generateContentAsync({ contents }: LlmRequest) {
        yield { content: { role: "model", parts: [{ text: `${contents.length} said` }] } };
      }
      override connect(): Promise<never> {
        return Promise.reject(new Error("The model has no live connection."));
      }
    }
    const agent = new adk.LlmAgent({ name: "talker", model: new Model({ model: "m" }) });
    return new adk.InMemoryRunner({ agent, appName: "talks" });
  };
  const database = memoryDatabase();
  const runner = build();
  await runtimeOn(database).run(runner, "One.", { sessionId: "s" });
  const key = { appName: "talks", userId: "user", sessionId: "s" };
  expect((await runner.sessionService.getSession(key))?.events).toHaveLength(2);
  const { output } = await runtimeOn(database).run(build(), "Two.", { sessionId: "s" });
  expect(output).toBe("3 said");
});

test("one Runner serves many runs at once, and runs with ADK alone as before", async () => {
  const runner = new InMemoryRunner({ agent: oneToolAgent(quiet, "look"), appName: "looks" });
  const runtime = runtimeOn();
  const sessions = ["a", "b", "c", "d"].map((sessionId) => ({ userId: "ann", sessionId }));
  const outputs = await Promise.all(
    sessions.map((session) => runtime.run(runner, "Look.", session)),
  );
  expect(new Set(outputs.map(({ output }) => output))).toEqual(
    new Set(['look is done: [{"did":"look"}]']),
  );
  for (const session of sessions) {
    const kept = await runner.sessionService.getSession({ appName: "looks", ...session });
    expect(kept?.events).toHaveLength(4);
  }
  const bare: string[] = [];
  const key = { appName: "looks", userId: "ann", sessionId: "bare" };
  await runner.sessionService.createSession(key);
  const newMessage = { role: "user", parts: [{ text: "Look." }] };
  for await (const event of runner.runAsync({ ...key, newMessage })) bare.push(plainEvent(event));
  expect(bare).toEqual(outputs[0]!.events.map(plainEvent));
});

test("a prompt that was changed while a run was down is told of, and what was answered stands", async () => {
  let calls = 0;
  const agent = (text: string, effect: Effect) =>
    new LlmAgent({
      name: "talker",
      instruction: text,
      model: new FakeLlm(effect, "talker", (request) =>
        responses(request, "look").length === 0
          ? [{ name: "look", args: { q: "sea" } }]
          : instruction(request),
      ),
      tools: [fakeTool(effect, "look")],
    });
  const { ending, journal, outside } = await survive(
    {
      name: "changed prompt",
      async run({ runtime, runId, effect }) {
        calls += 1;
        const app = agent(calls === 1 ? "Before." : "After.", effect);
        return (await runtime.run(app, "Go.", { durable: { runId } })).output;
      },
    },
    { database: inMemory(), crashes: [{ effect: 2, announced: true }] },
  );
  expect(ending).toEqual({ is: "returned", output: "After." });
  expect(journal.filter(({ entry }) => entry === "drift")).toHaveLength(1);
  expect(outside.counts.get("model: talker (1)")).toBe(1);
});

test("an app of a copy that cannot be reached is refused before anything runs", async () => {
  const stranger = { name: "stranger", [Symbol.for("google.adk.workflow.baseNode")]: true };
  await expect(runtimeOn().run(stranger as unknown as LlmAgent, "Go.")).rejects.toMatchObject({
    code: "UNSUPPORTED_FRAMEWORK_VERSION",
  });
});

test("headers of a request, which may hold keys, are not stored", async () => {
  const { app, input } = sequence.build(quiet);
  const [first] = (app as LlmAgent).subAgents as LlmAgent[];
  first!.generateContentConfig = { httpOptions: { headers: { authorization: "secret" } } };
  const database = memoryDatabase();
  await runtimeOn(database).run(app as LlmAgent, input);
  const stored = [...database.spaces.values()].flatMap(({ lists }) => [...lists.values()].flat());
  expect(stored.join()).toContain("Go.");
  expect(stored.join()).not.toContain("secret");
});

test("toolsets are closed when a run is left to wait", async () => {
  let isClosed = false;
  class Asking extends BaseToolset {
    override async getTools(): Promise<BaseTool[]> {
      const parameters = z.object({});
      const execute = async () => null;
      return [
        new LongRunningFunctionTool({ name: "ask", description: "Asks.", parameters, execute }),
      ];
    }
    override async close(): Promise<void> {
      isClosed = true;
    }
  }
  const app = new LlmAgent({
    name: "asker",
    model: new FakeLlm(quiet, "asker", (request) =>
      responses(request, "ask").length === 0 ? [{ name: "ask", args: {} }] : "answered",
    ),
    tools: [new Asking([])],
  });
  const runtime = runtimeOn();
  const running = runtime.run(app, "Ask.", { durable: { runId: "r", until: "end" } });
  await expect.poll(() => isClosed).toBe(true);
  await runtime.handle("r").respond(undefined, { answer: 1 });
  expect((await running).output).toBe("answered");
});

test("the types of input, options and output follow from the app", () => {
  const typed = async (runtime: Runtime, app: LlmAgent) => {
    const { events, output, state } = await runtime.run(app, "text", { userId: "u" });
    // @ts-expect-error An agent is told something, not a number.
    await runtime.run(app, 1);
    // @ts-expect-error A run is cancelled by its handle.
    await runtime.run(app, "text", { abortSignal: AbortSignal.abort() });
    return [events[0]?.author, output, state.key];
  };
  expect(typed).toBeTypeOf("function");
});

test("a workflow returns what its last node returned", async () => {
  const { app, input } = workflow.build(quiet);
  const { output } = await runtimeOn().run(app as LlmAgent, input);
  expect(output).toBe('concluded middle is done: [{"did":"middle"}]');
});
