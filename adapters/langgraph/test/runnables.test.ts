// A chain, a model, a tool as an app: run durably, as a function is that calls them.
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { RunnableLambda, RunnableParallel } from "@langchain/core/runnables";
import { RemoteGraph } from "@langchain/langgraph/remote";
import { expect, expectTypeOf, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { processes } from "./processes.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import type { Effect } from "./scenarios/scenario.ts";

const { next, steps } = processes();
const nothing = async () => {};

const chain = (effect: Effect) => {
  const model = new FakeModel(effect, (messages) => `heard ${messages.at(-1)?.text}`);
  const asked = (text: string) =>
    ChatPromptTemplate.fromTemplate(`${text} {topic}`).pipe(model).pipe(new StringOutputParser());
  const search = fakeTool(effect, "search");
  return RunnableParallel.from({
    one: asked("tell me of"),
    two: asked("sing of"),
    found: RunnableLambda.from(({ topic }: { topic: string }) => ({ q: topic })).pipe(search),
  }).pipe(({ one, two, found }) => `${one}, ${two}, ${found}`);
};

test("a chain is killed at every point, and nobody can tell", async () => {
  const report = await everyPoint(
    {
      name: "chain",
      run: ({ runtime, runId, effect }) =>
        runtime.run(chain(effect), { topic: "kelp" }, { durable: { runId } }),
    },
    { database: inMemory },
  );
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

test("a run of a chain has the chain's own types, and is named after it", async () => {
  const output = await next().run(chain(nothing), { topic: "kelp" }, { durable: { runId: "r" } });
  expectTypeOf(output).toEqualTypeOf<string>();
  expect(output).toBe("heard tell me of kelp, heard sing of kelp, search found kelp");
  expect((await next().handle("r").status()).app).toBe("RunnableSequence");
  expect(await steps()).toHaveLength(3);
});

test("a model and a tool are apps too", async () => {
  const model = new FakeModel(nothing, () => "answer");
  expect((await next().run(model, "hi")).text).toBe("answer");
  expect(await next().run(fakeTool(nothing, "look"), { q: "a" })).toBe("look found a");
});

test("a chain that is stopped by its time limit fails so, and can be tried again", async () => {
  let isSlow = true;
  const model = new FakeModel(
    () => (isSlow ? new Promise(() => {}) : Promise.resolve()),
    () => "answer",
  );
  const app = RunnableLambda.from((text: string) => text).pipe(model);
  const options = { timeout: 20, durable: { runId: "r" } };
  await expect(next().run(app, "hi", options)).rejects.toThrow("timeout");
  isSlow = false;
  const handle = next().handle("r");
  await handle.retry();
  const { text } = await next().run(app, "hi", options);
  expect(text).toBe("answer");
});

test("a graph that runs elsewhere is refused", async () => {
  const app = new RemoteGraph({ graphId: "g", url: "http://127.0.0.1:9" });
  const refused = next().run(app as unknown as FakeModel, "hi");
  await expect(refused).rejects.toMatchObject({
    code: "APP_NOT_RECOGNISED",
    message: expect.stringContaining("A RemoteGraph runs on another server"),
  });
});
