// Calls, tries and runs that are given up: by a time limit, an abort, a node that fails beside them. What
// the program went on with is what it goes on with after a crash; what nothing came of is done again.
import { setTimeout as sleep } from "node:timers/promises";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import { type RunnableConfig, RunnableLambda } from "@langchain/core/runnables";
import {
  END,
  type LangGraphRunnableConfig,
  RunControl,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { beforeEach, describe, expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { durable, processes } from "./processes.ts";
import { FakeModel } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import type { Effect } from "./scenarios/scenario.ts";

const { next, die, twice } = processes();
let effects: string[];
beforeEach(() => {
  effects = [];
});
const effect = async (name: string) => void effects.push(name);

/** A model that is told when nobody waits for it any more, and may listen. */
class Slow extends BaseChatModel {
  readonly #answer: (signal: AbortSignal | undefined) => Promise<string>;
  constructor(answer: (signal: AbortSignal | undefined) => Promise<string>) {
    super({});
    this.#answer = answer;
  }
  override _llmType() {
    return "slow";
  }
  override async _generate(
    _messages: BaseMessage[],
    options: this["ParsedCallOptions"],
  ): Promise<ChatResult> {
    const text = await this.#answer(options.signal);
    return { generations: [{ text, message: new AIMessage(text) }] };
  }
}

const listening = (signal: AbortSignal | undefined): Promise<string> =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error));
  });
const late = () => sleep(60, "100");
const deaf = () => new Promise<string>(() => {});

describe.each(Object.entries({ listening, late, deaf }))("a model that is %s", (_name, slow) => {
  let calls: number;
  beforeEach(() => {
    calls = 0;
  });
  /** Slow in the first process only. */
  const model = () => new Slow((signal) => (++calls > 1 ? Promise.resolve("100") : slow(signal)));
  const other = RunnableLambda.from((_: string) => new AIMessageChunk("70"));

  test("is not waited for, and what was taken instead stays", async () => {
    const search = fakeTool(effect, "refund");
    const asked = RunnableLambda.from((text: string) => text)
      .pipe(model())
      .withConfig({ timeout: 20 })
      .withFallbacks([other]);
    const both = await twice(async () => {
      const { text } = await asked.invoke("how much?");
      await sleep(60);
      return search.invoke({ q: text });
    });
    expect(both).toEqual(["refund found 70", "refund found 70"]);
    expect(effects).toEqual(["tool: refund 70"]);
    expect(calls).toBe(1);
  });

  test("fails when its own time is over, and so it does again", async () => {
    const limited = model();
    const both = await twice(() =>
      limited.invoke("how much?", { timeout: 20 }).then(
        ({ text }) => text,
        (error: Error) => error.name,
      ),
    );
    expect(both).toEqual(["TimeoutError", "TimeoutError"]);
    expect(calls).toBe(1);
  });
});

test("whoever was first of two stays the first", async () => {
  const model = new FakeModel(
    async (name) => {
      await sleep(name.includes("fast") ? 1 : 25);
      effects.push(name);
    },
    ([message]) => `${message?.text}`,
  );
  const search = fakeTool(effect, "search");
  const both = await twice(async () => {
    const asked = ["slow", "fast"].map((text) => model.invoke(text));
    const first = await Promise.race(asked);
    const found = await search.invoke({ q: first.text });
    await Promise.all(asked);
    return found;
  });
  expect(both).toEqual(["search found fast", "search found fast"]);
  expect(effects).toHaveLength(3);
});

test("a try of a node whose time is over is killed at every point, and nobody can tell", async () => {
  const report = await everyPoint(
    {
      name: "timed-out-node",
      run: ({ runtime, runId, effect }) =>
        runtime.run(timedOut(effect), {}, { durable: { runId } }),
    },
    { database: inMemory },
  );
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

/** Its first try takes a step, and then too long. */
function timedOut(effect: Effect) {
  const search = fakeTool(effect, "search");
  const node = async (_state: typeof Lines.State, config: LangGraphRunnableConfig) => {
    const { nodeAttempt = 1 } = config.executionInfo ?? {};
    const found = await search.invoke({ q: `in try ${nodeAttempt}` });
    if (nodeAttempt === 1) await new Slow(listening).invoke("hang", config);
    return { lines: [found] };
  };
  const retryPolicy = { maxAttempts: 2, initialInterval: 1, jitter: false, logWarning: false };
  return new StateGraph(Lines)
    .addNode("node", node, { retryPolicy, timeout: 120 })
    .addEdge(START, "node")
    .addEdge("node", END)
    .compile();
}

test("a try that only succeeded in a process that died goes on, though the first one would now", async () => {
  let execution = 0;
  const charge = fakeTool(effect, "charge");
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const pay = async () => {
    execution += 1;
    if (execution === 1) throw new Error("plain code that failed once");
    const charged = await charge.invoke({ q: "42" });
    resolve();
    if (execution === 2) await new Promise(() => {});
    return { lines: [charged] };
  };
  const retryPolicy = { initialInterval: 1, jitter: false, logWarning: false };
  const graph = new StateGraph(Lines).addNode("pay", pay, { retryPolicy });
  const app = graph.addEdge(START, "pay").addEdge("pay", END).compile();
  next()
    .run(app, {}, { durable })
    .catch(() => {}); // It is left where it is.
  await reached;
  die();
  expect((await next().run(app, {}, { durable })).lines).toEqual(["charge found 42"]);
  expect(effects).toEqual(["tool: charge 42"]);
});

test("a node that fails takes nothing with it: tried again, its neighbour asks again", async () => {
  let isFirst = true;
  const asking = Promise.withResolvers<void>();
  const beside = new Slow(async (signal) => {
    effects.push("beside");
    asking.resolve();
    return isFirst ? listening(signal) : "beside";
  });
  const search = fakeTool(async (name) => {
    effects.push(name);
    await asking.promise;
    if (isFirst) throw new Error("the line is dead");
  }, "search");
  const app = new StateGraph(Lines)
    .addNode("before", async () => ({ lines: [await fakeTool(effect, "look").invoke({ q: "a" })] }))
    .addNode("failing", async () => ({ lines: [await search.invoke({ q: "b" })] }))
    .addNode("beside", async () => ({ lines: [(await beside.invoke("c")).text] }))
    .addEdge(START, "before")
    .addEdge("before", "failing")
    .addEdge("before", "beside")
    .addEdge("failing", END)
    .addEdge("beside", END)
    .compile();
  await expect(next().run(app, {}, { durable })).rejects.toThrow("the line is dead");
  isFirst = false;
  await next().handle("r").retry();
  const { lines } = await next().run(app, {}, { durable });
  expect(lines.toSorted()).toEqual(["beside", "look found a", "search found b"]);
  expect(effects.toSorted()).toEqual(
    ["beside", "beside", "tool: look a", "tool: search b", "tool: search b"].toSorted(),
  );
});

test("a run that its user aborts has failed, and can be tried again", async () => {
  let isFirst = true;
  const user = new AbortController();
  const model = new Slow((signal) => {
    if (!isFirst) return Promise.resolve("answer");
    user.abort();
    return listening(signal);
  });
  const node = async (_state: typeof Lines.State, config: RunnableConfig) => {
    const found = await fakeTool(effect, "look").invoke({ q: "a" });
    return { lines: [found, (await model.invoke("b", config)).text] };
  };
  const graph = new StateGraph(Lines).addNode("node", node);
  const app = graph.addEdge(START, "node").addEdge("node", END).compile();
  const aborted = next().run(app, {}, { signal: user.signal, durable });
  await expect(aborted).rejects.toThrow(/abort/i);
  isFirst = false;
  await next().handle("r").retry();
  expect((await next().run(app, {}, { durable })).lines).toEqual(["look found a", "answer"]);
  expect(effects).toEqual(["tool: look a"]);
});

test("a run that reached its recursion limit goes on from there when it is tried again", async () => {
  const search = fakeTool(effect, "search");
  const turn = async ({ number }: typeof Lines.State) => ({
    number: number + 1,
    lines: [await search.invoke({ q: `${number}` })],
  });
  const app = new StateGraph(Lines)
    .addNode("turn", turn)
    .addEdge(START, "turn")
    .addConditionalEdges("turn", ({ number }) => (number < 5 ? "turn" : END))
    .compile();
  const options = { recursionLimit: 3, durable };
  await expect(next().run(app, {}, options)).rejects.toMatchObject({ name: "GraphRecursionError" });
  expect(effects).toHaveLength(3);
  await next().handle("r").retry();
  const { lines } = await next().run(app, {}, options);
  expect(lines).toHaveLength(5);
  expect(effects).toEqual([0, 1, 2, 3, 4].map((number) => `tool: search ${number}`));
});

test.each(["a step timeout", "a drain"])(
  "a run that is stopped by %s goes on after what it has when it is tried again",
  async (by) => {
    const control = new RunControl();
    let isFirst = true;
    const look = fakeTool(effect, "look");
    const first = async () => {
      if (isFirst && by === "a drain") control.requestDrain("to make room");
      return { lines: [await look.invoke({ q: "a" })] };
    };
    const second = async (_state: typeof Lines.State, config: RunnableConfig) => {
      const found = await look.invoke({ q: "b" });
      if (isFirst) await new Slow(listening).invoke("hang", config);
      return { lines: [found] };
    };
    const app = new StateGraph(Lines)
      .addNode("first", first)
      .addNode("second", second)
      .addEdge(START, "first")
      .addEdge("first", "second")
      .addEdge("second", END)
      .compile();
    if (by === "a step timeout") app.stepTimeout = 100;
    const name = by === "a drain" ? "GraphDrained" : "Error";
    await expect(next().run(app, {}, { control, durable })).rejects.toMatchObject({ name });
    isFirst = false;
    await next().handle("r").retry();
    expect((await next().run(app, {}, { durable })).lines).toEqual([
      "look found a",
      "look found b",
    ]);
    expect(effects).toEqual(["tool: look a", "tool: look b"]);
  },
);

test("of two processes that run one run at once, one does it, and both are given its end", async () => {
  const app = timedOut(effect);
  const both = await Promise.all([next(), next()].map((one) => one.run(app, {}, { durable })));
  expect(both[0]).toEqual(both[1]);
  expect(effects).toEqual(["tool: search in try 1", "tool: search in try 2"]);
});
