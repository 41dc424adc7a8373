import { describe, expect, it } from "vitest";
import type { Adapter } from "../../src/adapter/index.ts";
import { step } from "../../src/index.ts";
import { openMemoryStore } from "../../src/store/index.ts";
import { processes } from "../runtime/processes.ts";
import { remembering } from "./support.ts";

const { start, database } = processes();

/** A framework whose apps are given their options. */
class Told {
  readonly tell: (options: unknown) => unknown;

  constructor(tell: (options: unknown) => unknown) {
    this.tell = tell;
  }
}

const telling: Adapter = {
  name: "telling",
  supported: "*",
  recognises: (app) => app instanceof Told,
  nameOf: () => "told",
  install: () => {},
  execute: async ({ app, options }) => {
    const output = await (app as Told).tell(options);
    return { is: "ended", output: output ?? options };
  },
};
const adapters = [telling];
const told = new Told(() => undefined);

interface Options {
  readonly context: { readonly user?: string; readonly db?: () => string };
}

describe("options that could not be stored", () => {
  const options = { context: { user: "ana", db: () => "here" }, limit: 3 };

  it("keep a run waiting for a worker that makes them anew, and it says which", async () => {
    const { logger, lines } = remembering();
    const run = await start().start("app", 1, options);
    await start({ adapters, logger }).serve({ app: told });
    await expect.poll(async () => (await run.status()).status).toBe("waiting");
    const { why, sentence } = await run.status();
    expect(why).toEqual({ reason: "options", app: "app", missing: ["context.db"] });
    expect(sentence).toContain("context.db");
    expect(lines("warn").join()).toContain("context.db");

    const rebuilt: unknown[] = [];
    const rebuild = (given: unknown) => {
      rebuilt.push(given);
      return { context: { db: () => "there" } };
    };
    const app = new Told((given) => {
      const { context, ...rest } = given as Options;
      return { ...rest, user: context.user, db: context.db!() };
    });
    await start({ adapters }).serve({ app: { app, options: rebuild } });
    // What could be stored stays, beside what is made anew.
    expect(await run.result()).toEqual({ limit: 3, user: "ana", db: "there" });
    expect(rebuilt).toEqual([
      {
        runId: run.id,
        app: "app",
        queue: "default",
        input: 1,
        options: { context: { user: "ana" }, limit: 3 },
        missing: ["context.db"],
      },
    ]);
  });

  it.each(["cancel", "pause"] as const)("are made no longer after %s()", async (order) => {
    const { promise: isAsked, resolve } = Promise.withResolvers<void>();
    const signals: (() => void)[] = [];
    let executions = 0;
    const app = new Told(() => {
      executions += 1;
    });
    const rebuild = () =>
      new Promise<object>((made) => {
        signals.push(() => made({ context: { db: () => "there" } }));
        resolve();
      });
    const runtime = start({ adapters });
    await runtime.serve({ app: { app, options: rebuild } });
    const run = await start().start("app", 1, options);
    await isAsked;
    await run[order]();
    const status = async () => {
      const { status, why } = await run.status();
      return why?.reason ?? status;
    };
    await expect.poll(status).toBe(order === "cancel" ? "cancelled" : "paused");
    expect(executions).toBe(0);
    if (order === "cancel") return;
    await run.resume();
    await expect.poll(() => signals.length).toBe(2);
    for (const made of signals) made();
    await run.result();
    expect(executions).toBe(1);
  });

  it("are made by another worker, if the one that makes them is told to end", async () => {
    const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
    const never = () => {
      asked();
      return new Promise<never>(() => {});
    };
    const worker = await start({ adapters }).serve({ app: { app: told, options: never } });
    const run = await start().start("app", 1, options);
    await isAsked;
    await worker.drain({ grace: Number.POSITIVE_INFINITY });
    const app = new Told((given) => (given as Options).context.db!());
    const rebuild = () => ({ context: { db: () => "there" } });
    await start({ adapters }).serve({ app: { app, options: rebuild } });
    expect(await run.result()).toBe("there");
  });

  it("go to the worker that can make them, also while others serve the app that cannot", async () => {
    await start({ adapters }).serve({ app: told });
    const app = new Told((given) => (given as Options).context.db!());
    const rebuild = () => ({ context: { db: () => "there" } });
    await start({ adapters }).serve({ app: { app, options: rebuild } });
    for (let n = 0; n < 5; n += 1) {
      const run = await start().start("app", n, options);
      expect(await run.result()).toBe("there");
    }
  });

  it("are still missing if what was to make them does not", async () => {
    const run = await start().start("app", 1, { ...options, callbacks: [() => {}] });
    const rebuild = () => ({ callbacks: undefined });
    await start({ adapters }).serve({ app: { app: told, options: rebuild } });
    await expect.poll(async () => (await run.status()).status).toBe("waiting");
    // That there are none is said, too.
    expect((await run.status()).why).toMatchObject({ missing: ["context.db"] });
  });

  it("may be those of policies", async () => {
    const approve = { tools: ["*"], when: () => true };
    const run = await start().start("app", 1, { durable: { policies: { approve } } });
    await start({ adapters }).serve({ app: told });
    await expect
      .poll(async () => (await run.status()).why)
      .toMatchObject({
        missing: ["durable.policies.approve.when"],
      });
    const rebuild = () => ({ durable: { policies: { approve } } });
    await start({ adapters }).serve({ app: { app: told, options: rebuild } });
    await expect.poll(async () => (await run.status()).status).toBe("completed");
    // They are for Holdfast, not for the framework.
    expect(await run.result()).toBeUndefined();
  });

  it("let a run wait and be tried again if making them fails, and it says so", async () => {
    let tries = 0;
    const rebuild = () => {
      tries += 1;
      if (tries === 1) throw new Error("The vault is sealed.");
      return { context: { db: () => "there" } };
    };
    const app = new Told((given) => (given as Options).context.db!());
    await start({ adapters }).serve({ app: { app, options: rebuild } });
    const run = await start().start("app", 1, options);
    await expect
      .poll(async () => (await run.status()).why)
      .toMatchObject({
        reason: "back-off",
        explanation: expect.stringContaining("The vault is sealed."),
      });
    expect((await run.status()).sentence).toContain("The vault is sealed.");
    expect(await run.result()).toBe("there");
  });
});

it("a run that waits for options, and was to be cancelled before it failed and was let go on, is not cancelled", async () => {
  const failing = new Told(() => {
    throw new Error("no");
  });
  const rebuild = () => ({ context: { db: () => "there" } });
  const worker = await start({ adapters }).serve({ app: { app: failing, options: rebuild } });
  const run = await start().start("app", 1, { context: { db: () => "here" } });
  await expect(run.result()).rejects.toThrow("no");
  await worker.drain();
  const [runId] = [...database().runs.keys()] as [string];
  // Too late for anybody to hear of it.
  await openMemoryStore(database()).say(runId, { key: "cancel/1", kind: "cancel" });
  await run.retry();
  await start({ adapters }).serve({ app: told });
  await expect.poll(async () => (await run.status()).why).toMatchObject({ reason: "options" });
});

it("options that only this process has are used by it, if the app itself is started and nobody makes them anew", async () => {
  const app = new Told((given) => (given as Options).context.db!());
  const runtime = start({ adapters });
  await runtime.serve({ app });
  const options = { context: { db: () => "here" } };
  const run = await runtime.start(app as never, 1 as never, options as never);
  expect(await run.result()).toBe("here");
  expect(await run.status()).toMatchObject({ app: "app" });
});

it("options that can be stored need nobody to make them", async () => {
  const run = await start().start("app", 1, {
    a: { b: [new Date(0)] },
    signal: AbortSignal.abort(),
  });
  await start({ adapters }).serve({ app: told });
  expect(await run.result()).toEqual({ a: { b: [new Date(0)] } });
});

it("a worker that drains does not wait for options that are never made", async () => {
  const runtime = start({ adapters });
  let asked = false;
  const rebuild = () => {
    asked = true;
    return new Promise<never>(() => {});
  };
  const worker = await runtime.serve({ app: { app: told, options: rebuild } });
  const run = await runtime.start("app", 1);
  await expect.poll(() => asked).toBe(true);
  await worker.drain({ grace: 0 });
  await start({ adapters }).serve({ app: told });
  expect(await run.result()).toBe(undefined);
});

it("the body of a step has the options of the worker that runs it", async () => {
  const app = new Told((given) => step("ask", async () => (given as Options).context.db!()));
  const rebuild = () => ({ context: { db: () => "there" } });
  await start({ adapters }).serve({ app: { app, options: rebuild } });
  const run = await start().start("app", 1, { context: { db: () => "here" } });
  expect(await run.result()).toBe("there");
});
