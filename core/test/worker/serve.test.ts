import { describe, expect, it } from "vitest";
import type { Adapter } from "../../src/adapter/index.ts";
import { HoldfastError, step } from "../../src/index.ts";
import { processes } from "../runtime/processes.ts";
import { gauge, remembering } from "./support.ts";

const { start, die } = processes();

describe("an app that is served by name", () => {
  it("is run here, whoever asks for it: a process that does not have it, or its own by the app itself", async () => {
    const double = async (n: number) => step("double", async () => n * 2);
    const worker = await start().serve({ double });
    expect(worker.apps).toEqual(["double"]);
    const elsewhere = await start().start("double", 21);
    expect(await elsewhere.result()).toBe(42);
    expect(await elsewhere.status()).toMatchObject({ app: "double", status: "completed" });

    const own = start();
    await own.serve({ twice: double });
    const here = await own.start(double, 4);
    expect(await here.result()).toBe(8);
    expect(await here.status()).toMatchObject({ app: "twice" });
  });

  it("waits for its worker, and says so, until there is one", async () => {
    const waiting = await start().start("late", "x", { durable: { queue: "slow" } });
    expect(await waiting.status()).toMatchObject({
      status: "queued",
      why: { reason: "no worker", app: "late", queue: "slow" },
    });
    await start().serve({ late: async (_: string) => 0 });
    expect((await waiting.status()).why).toMatchObject({ reason: "no worker" });
    await start().serve({ late: async (text: string) => `${text}!` }, { queues: ["slow"] });
    expect(await waiting.result()).toBe("x!");
  });

  it("takes up what a process left that ran it under this name", async () => {
    let bodies = 0;
    const app = async (n: number) =>
      step("slow", async () => {
        bodies += 1;
        if (bodies === 1) await new Promise(() => {});
        return n + 1;
      });
    const dead = start();
    void dead.run(app, 1, { durable: { name: "left", runId: "r" } }).catch(() => {});
    await expect.poll(() => bodies).toBe(1);
    die();
    await start().serve({ left: app });
    expect(await start().handle("r").result()).toBe(2);
  });

  it("is one run for one name of it, one key, and one input", async () => {
    let runs = 0;
    await start().serve({ count: async (n: number) => n + ++runs });
    const runtime = start();
    const ask = (input: number, durable: object) => runtime.start("count", input, { durable });
    const first = await ask(10, { runId: "a" });
    expect(await first.result()).toBe(11);
    expect((await ask(10, { runId: "a" })).id).toBe(first.id);
    expect(await runtime.handle("a").result()).toBe(11);
    const keyed = await ask(10, { idempotencyKey: "a" });
    expect(keyed.id).not.toBe(first.id);
    const again = await ask(10, { idempotencyKey: "a" });
    expect(again.id).toBe(keyed.id);
    expect(await again.result()).toBe(12);
    await expect(ask(11, { runId: "a" })).rejects.toMatchObject({ code: "INPUT_MISMATCH" });
    const other = runtime.start("other", 10, { durable: { runId: "a" } });
    await expect(other).rejects.toMatchObject({ code: "INPUT_MISMATCH" });
  });

  it("is not started under another name than that by which its workers know it", async () => {
    const runtime = start();
    const double = async (n: number) => n * 2;
    await runtime.serve({ double });
    const misnamed = runtime.start("double", 1, { durable: { name: "other" } });
    await expect(misnamed).rejects.toMatchObject({ code: "OPTION_INVALID" });
    // An app that is at hand is run here under whatever name.
    const own = await runtime.start(double, 1, { durable: { name: "other" } });
    expect(await own.result()).toBe(2);
  });
});

it("a run that a worker has is awaited by its own runtime that is asked to run it", async () => {
  const runtime = start();
  const { promise: isLet, resolve: go } = Promise.withResolvers<void>();
  let bodies = 0;
  const pays = async (n: number) =>
    step("pay", async () => {
      bodies += 1;
      await isLet;
      return n + bodies;
    });
  await runtime.serve({ pays });
  await runtime.start("pays", 1, { durable: { runId: "r" } });
  await expect.poll(() => bodies).toBe(1);
  const asked = runtime.run(pays, 1, { durable: { name: "pays", runId: "r" } });
  // Another run goes all the way meanwhile.
  const ask = runtime.run(async (n: number) => step("s", async () => n), 2);
  expect(await ask).toBe(2);
  go();
  expect(await asked).toBe(2);
  expect(bodies).toBe(1);
});

describe("an app that cannot be served", () => {
  const old: Adapter = {
    name: "old",
    supported: "2",
    recognises: (found) => found instanceof Date,
    nameOf: () => "old",
    install: () => {
      throw new HoldfastError("UNSUPPORTED_FRAMEWORK_VERSION", "Version 1 is too old.", {
        hint: "Update it.",
      });
    },
    execute: async () => ({ is: "ended", output: undefined }),
  };

  it("is refused by itself, with the reason; the others are served", async () => {
    const { logger, lines } = remembering();
    const runtime = start({ adapters: [old], logger });
    const worker = await runtime.serve({
      good: async (n: number) => n,
      lazy: { load: async () => async (n: number) => n + 1 },
      broken: {
        load: () => {
          throw new Error("no such file");
        },
      },
      unknown: { load: async () => ({ some: "object" }) },
      old: new Date(),
      text: "text" as never,
      options: { app: async () => 1, options: { context: 1 } as never },
    });
    expect(worker.apps.toSorted()).toEqual(["good", "lazy"]);
    const codes = Object.fromEntries([...worker.refused].map(([name, { code }]) => [name, code]));
    expect(codes).toEqual({
      broken: "APP_NOT_LOADED",
      unknown: "APP_NOT_RECOGNISED",
      old: "UNSUPPORTED_FRAMEWORK_VERSION",
      text: "APP_NOT_RECOGNISED",
      options: "OPTION_INVALID",
    });
    expect(worker.refused.get("broken")!.message).toContain("no such file");
    expect(lines("error").filter((line) => line.includes("no such file"))).toHaveLength(1);
    expect(await (await runtime.start("lazy", 1)).result()).toBe(2);
    const refused = await runtime.start("broken", 1);
    expect((await refused.status()).why).toMatchObject({ reason: "no worker" });
  });

  it("is an error if none of them can be, or none is given", async () => {
    const broken = { load: () => Promise.reject(new Error("no such file")) };
    await expect(start().serve({ broken })).rejects.toMatchObject({ code: "APP_NOT_LOADED" });
    await expect(start().serve({})).rejects.toMatchObject({ code: "OPTION_INVALID" });
    await expect(start().deploy({ broken })).rejects.toMatchObject({ code: "APP_NOT_LOADED" });
  });

  it.each([
    { concurrency: 0 },
    { concurrency: 1.5 },
    { concurrency: "3" },
    { concurency: 3 },
    { queues: [] },
    { queues: "default" },
    { queues: [""] },
    { queues: ["a", { name: "a" }] },
    { queues: [{ name: "a", concurrency: -1 }] },
    { queues: [{ name: "a", limit: 1 }] },
    { queues: [undefined] },
    { signals: "no" },
    null,
  ])("nor with options such as %j", async (options) => {
    const served = start().serve({ app: async () => 1 }, options as never);
    await expect(served).rejects.toMatchObject({ code: "OPTION_INVALID" });
  });
});

describe("a worker has at once", () => {
  it("as many runs as it may have, of each queue too, and takes the ones first that waited longest", async () => {
    const { body, most, order } = gauge(5);
    const client = start();
    const handles = [];
    for (let n = 0; n < 12; n += 1) {
      const durable = { queue: n % 3 === 0 ? "rare" : "default" };
      handles.push(await client.start("app", n, { durable }));
    }
    const queues = ["default", { name: "rare", concurrency: 1 }];
    await start().serve({ app: body }, { concurrency: 3, queues });
    await Promise.all(handles.map((handle) => handle.result()));
    expect(most()).toBe(3);
    expect(most((n) => n % 3 === 0)).toBe(1);
    for (const queue of [(n: number) => n % 3 === 0, (n: number) => n % 3 !== 0]) {
      const ran = order.filter(queue);
      expect(ran).toEqual(ran.toSorted((a, b) => a - b));
    }
  });

  it("each of two that serve in one runtime, and of two runtimes in one process, its own", async () => {
    const [a, b, c] = [gauge(5), gauge(5), gauge(5)];
    const [one, two] = [start(), start()];
    await one.serve({ a: a.body }, { concurrency: 1 });
    await one.serve({ b: b.body }, { concurrency: 2 });
    await two.serve({ b: b.body, c: c.body }, { concurrency: 2 });
    const client = start();
    const names = ["a", "b", "c"].flatMap((name) => Array<string>(6).fill(name));
    const handles = await Promise.all(names.map((name, n) => client.start(name, n)));
    await Promise.all(handles.map((handle) => handle.result()));
    expect(a.most()).toBe(1);
    expect(b.most()).toBeLessThanOrEqual(4);
    expect(c.most()).toBeLessThanOrEqual(2);
  });
});

it("serves a thousand runs one after the other without leaving anything behind", async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error) => warnings.push(warning);
  process.on("warning", hear);
  const runtime = start();
  await runtime.serve({ app: async (n: number) => step("s", async () => n) }, { concurrency: 4 });
  const client = start();
  const listeners = () => process.listenerCount("SIGTERM");
  const before = listeners();
  for (let n = 0; n < 250; n += 1) {
    const handles = await Promise.all([0, 1, 2, 3].map((m) => client.start("app", n + m)));
    await Promise.all(handles.map((handle) => handle.result()));
  }
  expect(listeners()).toBe(before);
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  expect(timers).toBeLessThan(20);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", hear);
  expect(warnings).toEqual([]);
});
