// A model that fails: retried as the policy says before ADK sees it, and the end of the run if that is all.
import {
  AgentTool,
  BasePlugin,
  createEvent,
  InMemoryRunner,
  LlmAgent,
  type LlmResponse,
  RoutedAgent,
  RoutedLlm,
  SequentialAgent,
} from "@google/adk";
import { Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import "../src/index.ts";
import { FakeLlm, responses } from "./scenarios/fake-llm.ts";

let runtime: Runtime;
let calls: string[];
beforeEach(() => {
  runtime = new Runtime({ store: openMemoryStore(memoryDatabase()) });
  calls = [];
});
afterEach(() => runtime.close());

/** Fails so many times with a code, and is well from then on. */
function failing(name: string, times: number, code = 503): FakeLlm {
  let count = 0;
  const effect = async () => {
    calls.push(name);
    count += 1;
    if (count <= times) {
      throw new Error(JSON.stringify({ error: { code, message: `${name} failed` } }));
    }
  };
  return new FakeLlm(effect, name, () => `${name} is well`);
}

const agent = (name: string, model: FakeLlm | RoutedLlm) => new LlmAgent({ name, model });
const options = (policies = {}) => ({ durable: { runId: "r", policies } });
const retries = { times: 3, delay: 1, when: (error: unknown) => String(error).includes("503") };

test("503 twice and then well, with a policy: ADK sees nothing of it", async () => {
  const policies = { models: { m: { retries } } };
  const { output, events } = await runtime.run(
    agent("a", failing("m", 2)),
    "Go.",
    options(policies),
  );
  expect(output).toBe("m is well");
  expect(events).toHaveLength(1);
  expect(calls).toHaveLength(3);
});

test("400 for good: not tried again, and the run fails", async () => {
  const policies = { models: { m: { retries } } };
  const running = runtime.run(agent("a", failing("m", 9, 400)), "Go.", options(policies));
  await expect(running).rejects.toThrow("m failed");
  expect(calls).toHaveLength(1);
  expect(await runtime.handle("r").status()).toMatchObject({ status: "failed" });
});

test("without a policy the run fails; tried again it goes on with that call, and with the agents after it", async () => {
  const model = failing("m", 1);
  const first = agent("first", failing("well", 0));
  const app = new SequentialAgent({
    name: "all",
    subAgents: [first, agent("second", model), agent("third", failing("last", 0))],
  });
  await expect(runtime.run(app, "Go.", options())).rejects.toThrow("m failed");
  await runtime.handle("r").retry();
  const { output, events } = await runtime.run(app, "Go.", options());
  expect(output).toBe("last is well");
  expect(events).toHaveLength(3);
  expect(calls).toEqual(["well", "m", "m", "last"]);
});

test("inside an agent used as a tool it is the end of the run as well", async () => {
  const inner = agent("inner", failing("m", 9));
  const outer = new LlmAgent({
    name: "outer",
    model: new FakeLlm(
      async () => {},
      "outer",
      (request) =>
        responses(request, "inner").length === 0
          ? [{ name: "inner", args: { request: "Go." } }]
          : "went on without it",
    ),
    tools: [new AgentTool({ agent: inner })],
  });
  await expect(runtime.run(outer, "Go.", options())).rejects.toThrow("m failed");
});

test("what a plugin makes of it is what counts", async () => {
  class Excuses extends BasePlugin {
    override async onModelErrorCallback(): Promise<LlmResponse> {
      // ADK takes it for an event as it is.
      return createEvent({ author: "a", content: { role: "model", parts: [{ text: "sorry" }] } });
    }
  }
  const runner = new InMemoryRunner({
    agent: agent("a", failing("m", 9)),
    plugins: [new Excuses("excuses")],
  });
  const { output } = await runtime.run(runner, "Go.", options());
  expect(output).toBe("sorry");
});

test("a RoutedLlm that falls over to another model is one step, and no failure", async () => {
  const model = new RoutedLlm({
    models: { first: failing("first", 9), second: failing("second", 0) },
    router: (_models, _request, failed) => (failed === undefined ? "first" : "second"),
  });
  const { output } = await runtime.run(agent("a", model), "Go.", options());
  expect(output).toBe("second is well");
  expect((await runtime.handle("r").steps()).map(({ kind }) => kind)).toEqual(["model"]);
});

test("a RoutedAgent runs the agent that it is sent to", async () => {
  const app = new RoutedAgent({
    name: "routed",
    agents: { one: agent("one", failing("one", 0)), two: agent("two", failing("two", 0)) },
    router: () => "two",
  });
  expect((await runtime.run(app, "Go.", options())).output).toBe("two is well");
  expect(calls).toEqual(["two"]);
});

test("of two turns in one run each fails for itself", async () => {
  const both = async () => {
    const say = (name: string, times: number) =>
      runtime
        .run(agent("a", failing(name, times)), "Go.", { durable: { runId: `turn of ${name}` } })
        .then(({ output }) => output)
        .catch(({ message }) => message);
    return Promise.all([say("m", 9), say("m1", 0)]);
  };
  const [failed, well] = await runtime.run(both, undefined, options());
  expect(failed).toContain("m failed");
  expect(well).toBe("m1 is well");
});
