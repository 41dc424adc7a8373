// What is streamed: the events as ADK yields them, partial ones too; after a crash from where it had come to.
import { type Event, type LlmAgent, StreamingMode } from "@google/adk";
import { Runtime } from "@holdfast/core";
import { memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { afterEach, expect, test } from "vitest";
import { inMemory, mortalStore } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { modelFailure } from "./scenarios/failures.ts";
import { oneToolAgent } from "./scenarios/one-tool-agent.ts";
import { plainEvent } from "./scenarios/plain.ts";
import { runBare } from "./scenarios/run-bare.ts";
import { sequence, streamedSequence } from "./scenarios/sequence.ts";

const runtimes: Runtime[] = [];
afterEach(() => Promise.all(runtimes.splice(0).map((runtime) => runtime.close())));

const quiet = async () => {};
const runConfig = { streamingMode: StreamingMode.SSE };

function runtimeOn(database = memoryDatabase()): Runtime {
  const runtime = new Runtime({ store: openMemoryStore(database) });
  runtimes.push(runtime);
  return runtime;
}

async function read(stream: AsyncGenerator<Event, void>): Promise<readonly string[]> {
  const events: string[] = [];
  for await (const event of stream) events.push(plainEvent(event));
  return events;
}

test.each([
  { scenario: sequence, options: {} },
  { scenario: streamedSequence, options: { runConfig } },
])("$scenario.name: the events of a bare run, one after the other", async (given) => {
  const [bare] = await runBare(given.scenario, quiet);
  const { app, input } = given.scenario.build(quiet);
  const stream = runtimeOn().stream(app as LlmAgent, input, given.options);
  expect(await read(stream)).toEqual(bare!.events);
});

test("partial events come while the model is still at it", async () => {
  const { promise: go, resolve } = Promise.withResolvers<void>();
  const { app, input } = streamedSequence.build(quiet);
  const reporter = (app as LlmAgent).subAgents[1] as LlmAgent;
  reporter.afterModelCallback = async ({ response }) => {
    if (!response.partial) await go;
    return undefined;
  };
  const events: string[] = [];
  for await (const event of runtimeOn().stream(app as LlmAgent, input, { runConfig })) {
    events.push(plainEvent(event));
    if (event.author === "reporter" && event.partial) resolve();
  }
  expect(events.at(-1)).toContain("reporter:");
});

test("a stream of a run that has crashed begins where the run had not come to, whatever that was", async () => {
  const [bare] = await runBare(streamedSequence, quiet);
  let isThrough = false;
  const begins = new Set<number>();
  for (let write = 3; !isThrough; write += 1) {
    const database = inMemory();
    const real = await database.open();
    const store = mortalStore(real, { dieAt: { write, when: "after" } });
    const runtime = new Runtime({ store, hotPeriod: 0 });
    const options = { runConfig, durable: { runId: "r" } };
    const { app, input } = streamedSequence.build(quiet);
    const done = read(runtime.stream(app as LlmAgent, input, options)).then(() => true);
    isThrough = await Promise.race([done, store.life.died.then(() => false)]);
    if (isThrough) await runtime.close();
    else {
      await store.life.settled();
      await real.close();
      for (const worker of store.entered) await database.expire(worker);
    }
    const after = new Runtime({ store: await database.open(), hotPeriod: 0 });
    const again = streamedSequence.build(quiet);
    const rest = await read(after.stream(again.app as LlmAgent, again.input, options));
    await after.close();
    expect(rest).toEqual(bare!.events.slice(bare!.events.length - rest.length));
    begins.add(rest.length);
  }
  expect(begins.size).toBeGreaterThan(3);
});

test("a stream ends with the question; the stream of the answer goes on after it", async () => {
  const database = memoryDatabase();
  const app = () => oneToolAgent(quiet, "pay", { requireConfirmation: true });
  const session = { userId: "ann", sessionId: "s" };
  const first: Event[] = [];
  for await (const event of runtimeOn(database).stream(app(), "Pay.", session)) first.push(event);
  expect(first.map(plainEvent)).toEqual([
    'pay: calls pay_tool({"q":"pay"})',
    expect.stringContaining("calls adk_request_confirmation("),
  ]);
  const id = first.at(-1)!.longRunningToolIds![0]!;
  const name = "adk_request_confirmation";
  const functionResponse = { id, name, response: { confirmed: true } };
  const answer = { parts: [{ functionResponse }] };
  expect(await read(runtimeOn(database).stream(app(), answer, session))).toEqual([
    expect.stringContaining('pay_tool answers {"did":"pay"}'),
    expect.stringContaining("pay is done"),
  ]);
});

test("the event of a model's failure is the last; then the stream fails with it", async () => {
  const events: string[] = [];
  const reading = (async () => {
    const { app, input } = modelFailure.build(quiet);
    for await (const event of runtimeOn().stream(app as LlmAgent, input)) {
      events.push(plainEvent(event));
    }
  })();
  await expect(reading).rejects.toThrow("Too busy.");
  expect(events.at(-1)).toBe("busy: error 503");
});

test("its type is that of what the runner gives", () => {
  const typed = (runtime: Runtime, app: LlmAgent): AsyncGenerator<Event, void, undefined> =>
    runtime.stream(app, "text");
  expect(typed).toBeTypeOf("function");
});

test("live conversations are refused", async () => {
  const { app, input } = sequence.build(quiet);
  const live = { runConfig: { streamingMode: StreamingMode.BIDI } };
  const running = runtimeOn().run(app as LlmAgent, input, live);
  await expect(running).rejects.toMatchObject({ code: "OPTION_INVALID" });
});
