import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type RunHandle, step, waitForApproval } from "../../src/index.ts";
import { memoryDatabase, openMemoryStore } from "../../src/store/index.ts";
import { heldBody } from "../run/attempts.ts";
import { deadly, processes } from "../runtime/processes.ts";

const { start, die, database } = processes();

const untilWaiting = async (run: RunHandle) =>
  expect.poll(async () => (await run.status()).status).toBe("waiting");

/** Of a parent, the run it has started: the newest of that app. */
async function childOf(parent: RunHandle): Promise<RunHandle> {
  const found = async () => {
    const steps = await parent.steps();
    return steps.find(({ name, status }) => name.startsWith("start ") && status === "finished");
  };
  await expect.poll(found).toBeDefined();
  return start().handle((await found())!.result as string);
}

describe("a run that awaits another one it has started", () => {
  it("gets its result, also if that is there before it asks", async () => {
    const runtime = start();
    const parent = async (n: number) => {
      const child = await runtime.start("child", n);
      await step("meanwhile", () => sleep(30));
      return `${await child.result()} ${await child.result()}`;
    };
    await runtime.serve({ parent, child: async (n: number) => step("add", async () => n + 1) });
    expect(await (await start().start("parent", 1)).result()).toBe("2 2");
  });

  it("has several at once, each its own, and the same after a crash", async () => {
    const runtime = start();
    let dies = true;
    const children: string[][] = [];
    const parent = async (_: null) => {
      const started = await Promise.all(
        [1, 1, 2].map((n) => runtime.start(n === 1 ? "one" : "two", n)),
      );
      children.push(started.map(({ id }) => id));
      if (dies) await step("dies", () => new Promise<never>(() => {}));
      return Promise.all(started.map((child) => child.result()));
    };
    const add = async (n: number) => n + 1;
    await runtime.serve({ one: add, two: add });
    const dead = start();
    void dead.run(parent, null, { durable: { runId: "r" } }).catch(() => {});
    await expect
      .poll(async () => (await runtime.runs.list({ status: "completed" })).length)
      .toBe(3);
    die();
    dies = false;
    expect(await start().run(parent, null, { durable: { runId: "r" } })).toEqual([2, 2, 3]);
    expect(new Set(children[0]).size).toBe(3);
    expect(children[1]).toEqual(children[0]);
  });

  it("is thrown what the child threw, or that it was cancelled", async () => {
    const runtime = start();
    const parent = async (how: string) => {
      const child = await runtime.start("child", how);
      return child.result().catch((error) => `${error.code ?? error.name}: ${error.message}`);
    };
    const child = async (how: string) => {
      if (how === "fails") throw new RangeError("too far");
      return waitForApproval("go");
    };
    await runtime.serve({ parent, child });
    const failing = await start().start("parent", "fails");
    expect(await failing.result()).toBe("RangeError: too far");
    const waiting = await start().start("parent", "waits");
    const its = await childOf(waiting);
    await untilWaiting(its);
    await untilWaiting(waiting);
    expect((await waiting.status()).sentence).toContain(its.id);
    await its.cancel("not needed", { by: "ana" });
    expect(await waiting.result()).toMatch(/^RUN_CANCELLED.*by ana: not needed/);
  });

  it("gives its place to others meanwhile, also to the child itself", async () => {
    const client = start();
    await start({ hotPeriod: 60_000 }).serve(
      {
        parent: async (_: null) => (await client.start("child", 1)).result(),
        child: async (n: number) => step("add", async () => n + 1),
      },
      { concurrency: 1 },
    );
    const parents = await Promise.all([1, 2, 3].map(() => client.start("parent", null)));
    expect(await Promise.all(parents.map((parent) => parent.result()))).toEqual([2, 2, 2]);
  }, 10_000);

  it("hears of the end wherever that is and whoever runs the child", async () => {
    // No worker serves anything here: who runs the parent runs the child, too, and no step of it.
    const runtime = start();
    const child = async (_: null) => step("slow", () => sleep(100).then(() => "done"));
    const parent = async (_: null) => (await runtime.start(child, null)).result();
    expect(await runtime.run(parent, null)).toBe("done");

    const other = await start().start("later", null, { durable: { runId: "later" } });
    const awaiting = async (_: null) => runtime.handle("later").result();
    const running = runtime.run(awaiting, null, { durable: { runId: "awaiting" } });
    await untilWaiting(runtime.handle("awaiting"));
    void start().run(async (_: null) => "by hand", null, {
      durable: { runId: "later", name: "later" },
    });
    expect(await running).toBe("by hand");
    expect(await other.result()).toBe("by hand");
  });

  it("goes on when it was killed meanwhile, or the child's worker was", async () => {
    let bodies = 0;
    const runtime = () => start({ hotPeriod: 60_000 });
    const apps = (own: ReturnType<typeof start>) => ({
      parent: async (_: null) => `parent of ${await (await own.start("child", null)).result()}`,
      child: async (_: null) => {
        const first = await step("first", async () => {
          bodies += 1;
          return "child";
        });
        if (bodies === 1) {
          bodies += 1;
          await step("dies", () => new Promise<never>(() => {}));
        }
        return first;
      },
    });
    const [one, two] = [runtime(), runtime()];
    await one.serve(apps(one));
    const run = await start().start("parent", null);
    await expect.poll(() => bodies).toBe(2);
    die();
    await two.serve(apps(two));
    expect(await run.result()).toBe("parent of child");
    expect(bodies).toBe(2);
  });

  it("is handed over, not failed, by a worker that drains before the other is started", async () => {
    const apps = (own: ReturnType<typeof start>) => ({
      parent: async (_: null) => {
        await step("slow", () => {
          reach();
          return goOn;
        });
        const child = await own.start("child", 1, { durable: { runId: "the child" } });
        return child.result();
      },
      child: async (n: number) => n + 1,
    });
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const { promise: goOn, resolve: go } = Promise.withResolvers<void>();
    const [one, two] = [start(), start()];
    await one.serve(apps(one));
    const run = await start().start("parent", null);
    await reached;
    const closed = one.close();
    go();
    await closed;
    await two.serve(apps(two));
    expect(await run.result()).toBe(2);
  });

  it("hears of an end of which nobody lived to tell it, from the next that serves", async () => {
    const silent = Object.assign(openMemoryStore(database()), { waitsForEnd: async () => [] });
    const dead = start({ store: silent });
    const parent = async (_: null) => (await dead.start("child", 1)).result();
    await dead.serve({ parent, child: async (n: number) => step("add", async () => n + 1) });
    const run = await start().start("parent", null);
    const child = await childOf(run);
    await child.result();
    await untilWaiting(run);
    die();
    await start().serve({ parent });
    expect(await run.result()).toBe(2);
  }, 5_000);

  it("that is tried again after that one was does not take the failure before", async () => {
    const runtime = start();
    const work = heldBody<string>();
    let fails = true;
    const child = async (_: null) =>
      step("work", () => {
        if (fails) throw new Error("too early");
        return work.body();
      });
    const parent = async (_: null) => {
      return (await runtime.start("child", null, { durable: { runId: "child" } })).result();
    };
    await runtime.serve({ parent, child });
    const run = await start().start("parent", null);
    await expect(run.result()).rejects.toThrow("too early");
    fails = false;
    const its = start().handle("child");
    await its.retry();
    await run.retry();
    await untilWaiting(run);
    work.end("in time");
    expect(await run.result()).toBe("in time");
  });

  it("is told if that is not there, and keeps what it was told of one that was deleted since", async () => {
    const runtime = start();
    const options = { durable: { runId: "r" } };
    const app = async (_: null) =>
      runtime
        .handle(crypto.randomUUID())
        .result()
        .catch(({ code }) => code);
    expect(await runtime.run(app, null)).toBe("RUN_NOT_FOUND");

    await runtime.run(async (_: null) => "was there", null, { durable: { runId: "gone" } });
    const { reached, body } = deadly();
    const awaiting = (then: () => Promise<unknown>) => async (_: null) => {
      const came = await runtime.handle("gone").result();
      await step("dies", then);
      return came;
    };
    void start()
      .run(awaiting(body), null, options)
      .catch(() => {});
    await reached;
    die();
    const store = openMemoryStore(database());
    await store.pruneRun((await runtime.runs.get("gone"))!.id);
    const taken = start().run(
      awaiting(async () => {}),
      null,
      options,
    );
    expect(await taken).toBe("was there");
  });

  it("cannot be itself", async () => {
    const runtime = start();
    const own = runtime.run(async (_: null) => runtime.handle("r").result(), null, {
      durable: { runId: "r" },
    });
    await expect(own).rejects.toMatchObject({ code: "OPTION_INVALID" });
  });

  it("cannot be one of another database", async () => {
    const elsewhere = start({ store: openMemoryStore(memoryDatabase()) });
    await elsewhere.run(async (_: null) => "there", null, { durable: { runId: "there" } });
    const here = start().run(async (_: null) => elsewhere.handle("there").result(), null);
    await expect(here).rejects.toMatchObject({
      code: "OPTION_INVALID",
      message: expect.stringContaining("another database"),
    });
  });
});

it.each(["cancel", "pause"] as const)(
  "a run starts no other after %s(), by whatever id",
  async (end) => {
    const runtime = start();
    const isLet = Promise.withResolvers<void>();
    const hasBegun = Promise.withResolvers<void>();
    const hasAsked = Promise.withResolvers<void>();
    const app = async (_: null) => {
      hasBegun.resolve();
      await isLet.promise;
      const child = runtime.start("child", 1, { durable: { runId: "c" } });
      hasAsked.resolve();
      return (await child).id;
    };
    runtime.run(app, null, { durable: { runId: "r" } }).catch(() => {});
    await hasBegun.promise;
    const handle = runtime.handle("r");
    await handle[end]();
    const status = end === "cancel" ? "cancelled" : "waiting";
    await expect.poll(async () => (await handle.status()).status).toBe(status);
    isLet.resolve();
    await hasAsked.promise;
    // What begins later is there.
    await runtime.start("child", 1, { durable: { runId: "other" } });
    expect(await runtime.runs.get("other")).toBeDefined();
    expect(await runtime.runs.get("c")).toBeUndefined();
  },
);
