// ADK's own client for Gemini, over HTTP: named by a text, or given as an object; whole and in pieces.
import {
  FunctionTool,
  Gemini,
  LlmAgent,
  LogLevel,
  RoutedLlm,
  StreamingMode,
  setLogLevel,
} from "@google/adk";
import { Runtime } from "@holdfast/core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { type CrashDatabase, inMemory, mortalStore } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { type GeminiServer, geminiServer } from "./gemini-server.ts";
import { plainEvent } from "./scenarios/plain.ts";

setLogLevel(LogLevel.ERROR);

let server: GeminiServer;
beforeAll(async () => {
  server = await geminiServer();
  vi.stubEnv("GOOGLE_GEMINI_BASE_URL", server.url);
  vi.stubEnv("GEMINI_API_KEY", "secret-key");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const open: Runtime[] = [];
afterEach(() => Promise.all(open.splice(0).map((runtime) => runtime.close())));

const NAME = "gemini-2.5-flash";
const models = {
  "a name": () => NAME,
  "a Gemini": () => new Gemini({ model: NAME }),
  "a RoutedLlm of it": () =>
    new RoutedLlm({ models: { one: new Gemini({ model: NAME }) }, router: () => "one" }),
};

function watcher(model: string | Gemini | RoutedLlm): LlmAgent {
  const parameters = z.object({ q: z.string() });
  const execute = async ({ q }: { readonly q: string }) => ({ saw: q });
  const look = new FunctionTool({ name: "look", description: "Looks.", parameters, execute });
  return new LlmAgent({ name: "watcher", model, tools: [look] });
}

async function start(database: CrashDatabase): Promise<Runtime> {
  const runtime = new Runtime({ store: await database.open() });
  open.push(runtime);
  return runtime;
}

const cases = Object.entries(models).flatMap(([model, make]) =>
  [StreamingMode.NONE, StreamingMode.SSE].map((streamingMode) => ({ model, make, streamingMode })),
);

test.each(cases)(
  "$model, $streamingMode: what was said is not asked for again, wherever it is killed",
  async ({ make, streamingMode }) => {
    const options = { runConfig: { streamingMode }, durable: { runId: "r" } };
    const whole = await (await start(inMemory())).run(watcher(make()), "Look.", options);
    const expected = whole.events.map(plainEvent);
    expect(whole.output).toBe('It is {"saw":"sea"}');
    expect(expected.some((event) => event.includes("(partial)"))).toBe(
      streamingMode === StreamingMode.SSE,
    );

    const seen = new Set<number>();
    for (const write of [5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20]) {
      const database = inMemory();
      const before = server.calls;
      const real = await database.open();
      const store = mortalStore(real, { dieAt: { write, when: "after" } });
      const runtime = new Runtime({ store });
      const done = runtime.run(watcher(make()), "Look.", options).then(() => true);
      if (await Promise.race([done, store.life.died.then(() => false)])) await runtime.close();
      else {
        await store.life.settled();
        await real.close();
        for (const worker of store.entered) await database.expire(worker);
      }
      const recorded = await modelsOf(database);
      const asked = server.calls;
      const { events } = await (await start(database)).run(watcher(make()), "Look.", options);
      expect(events.map(plainEvent)).toEqual(expected);
      if (recorded === 2) expect(server.calls).toBe(asked);
      // At most the one that was under way is made again.
      expect(server.calls - before).toBeLessThanOrEqual(3);
      seen.add(recorded);
    }
    expect([...seen].sort()).toEqual([0, 1, 2]);
  },
);

/** How many calls of the model the run has on record as finished. */
async function modelsOf(database: CrashDatabase): Promise<number> {
  const runtime = await start(database);
  const steps = await runtime.handle("r").steps();
  return steps.filter(({ kind, status }) => kind === "model" && status === "finished").length;
}

test("a run that is over makes no call at all, and the key is nowhere on record", async () => {
  const database = inMemory();
  const options = { durable: { runId: "r" } };
  const first = await (await start(database)).run(watcher(NAME), "Look.", options);
  const { calls } = server;
  expect(await (await start(database)).run(watcher(NAME), "Look.", options)).toEqual(first);
  expect(server.calls).toBe(calls);
  const steps = await (await start(database)).handle("r").steps();
  expect(JSON.stringify(steps)).not.toContain("secret-key");
});

test("what the server refuses is what the run fails with", async () => {
  const runtime = await start(inMemory());
  await expect(runtime.run(watcher(NAME), "Please fail.")).rejects.toThrow("No.");
});
