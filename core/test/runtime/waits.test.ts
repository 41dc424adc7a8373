import { describe, expect, it } from "vitest";
import { type RunHandle, sleep, step, waitForApproval, waitForSignal } from "../../src/index.ts";
import { openMemoryStore } from "../../src/store/index.ts";
import { processes } from "./processes.ts";

const { start, die, database } = processes();
const options = { durable: { runId: "r" } };

async function waiting(handle: RunHandle): Promise<void> {
  const status = async () => (await handle.status().catch(() => undefined))?.status;
  await expect.poll(status).toBe("waiting");
}

describe("a question", () => {
  it("asks again what is asked in another form, and takes no answer to what was shown before", async () => {
    const ask = (amount: number) => async (_: null) => {
      const { approved, by } = await waitForApproval("refund", { show: { amount } });
      return `${amount} ${approved} by ${by}`;
    };
    const left = start();
    void left.run(ask(10), null, options).catch(() => {});
    const handle = start().handle("r");
    await waiting(handle);
    const [shown] = await handle.waits();
    expect(shown).toMatchObject({ name: "refund", asked: { amount: 10 } });
    await left.close();
    // Approved, and then the program asks for more.
    await handle.approve(shown!.id, { by: "ana" });
    const running = start().run(ask(1000), null, options);
    await expect.poll(async () => (await handle.steps()).length).toBe(2);
    await waiting(handle);
    await handle.reject(undefined, { by: "bo" });
    expect(await running).toBe("1000 false by bo");
  });

  it("that nobody answers in time is rejected by the system, also if no process was there", async () => {
    const app = (expires: number) => async (_: null) => waitForApproval("refund", { expires });
    expect(await start().run(app(50), null, options)).toMatchObject({
      approved: false,
      by: "system",
    });
    const handle = start().handle("r");
    await expect(handle.approve()).rejects.toMatchObject({ code: "WAIT_NOT_OPEN" });

    const left = start();
    const durable = { runId: "left" };
    void left.run(app(5_000), null, { durable }).catch(() => {});
    await waiting(start().handle("left"));
    await left.close();
    die(); // and time passes
    const late = start().handle("left").approve(undefined, { by: "ana" });
    await expect(late).rejects.toMatchObject({ code: "WAIT_NOT_OPEN" });
    const taken = start().run(app(5_000), null, { durable });
    expect(await taken).toMatchObject({ approved: false });
  });

  it("is told apart from others by its number, and by nothing less", async () => {
    const app = async (_: null) =>
      Promise.all(["a", "b"].map(async (name) => (await waitForApproval(name)).approved));
    const running = start().run(app, null, options);
    const handle = start().handle("r");
    await waiting(handle);
    await expect(handle.approve()).rejects.toMatchObject({ code: "WAIT_AMBIGUOUS" });
    const [a, b] = await handle.waits();
    expect([a, b]).toMatchObject([{ name: "a" }, { name: "b", kind: "approval" }]);
    await handle.reject(b!.id);
    await handle.approve(a!.id);
    expect(await handle.waits()).toEqual([]);
    expect(await running).toEqual([true, false]);
  });

  it("holds nobody up: a branch beside it goes on, and the run stays in memory until it has", async () => {
    const order: string[] = [];
    const app = async (_: null) =>
      Promise.all([
        waitForApproval("a").then(() => order.push("approved")),
        (async () => {
          for (const name of ["x", "y", "z"]) {
            await step(name, () => new Promise((resolve) => setTimeout(resolve, 30)));
            order.push(name);
          }
        })(),
      ]);
    const running = start().run(app, null, options);
    const handle = start().handle("r");
    await waiting(handle);
    expect(order).toEqual(["x", "y", "z"]);
    await handle.approve();
    await running;
    expect(order.at(-1)).toBe("approved");
  });
});

describe("what was asked in a body that has ended", () => {
  it("is given no signal: that is for who waits now", async () => {
    const app = async (_: null) => {
      const late = () => Promise.race([waitForSignal("go"), sleep(1).then(() => "late")]);
      const came = await step("race", late);
      return [came, await waitForSignal("go")];
    };
    const runtime = start({ hotPeriod: 10_000 });
    const running = runtime.run(app, null, options);
    const signals = async () =>
      (await runtime.handle("r").steps()).filter(({ kind }) => kind === "signal").length;
    await expect.poll(signals).toBe(2);
    await runtime.handle("r").signal("go", "now");
    expect(await running).toEqual(["late", "now"]);
  });

  it("is not shown to people beside what is asked after it, nor after a crash", async () => {
    const refund = () => waitForApproval("refund");
    const app = async (_: null) => {
      await step("in time", refund, { timeout: 50 }).catch(() => {});
      return (await step("at leisure", refund)).by;
    };
    const left = start({ hotPeriod: 10_000 });
    void left.run(app, null, options).catch(() => {});
    const handle = start().handle("r");
    const asked = async () =>
      (await handle.steps()).filter(({ kind }) => kind === "approval").map(({ id }) => id);
    await expect.poll(async () => (await asked()).length).toBe(2);
    const [, second] = await asked();
    const shown = async () => (await handle.waits()).map(({ id }) => id);
    await expect.poll(shown).toEqual([second]);
    await left.close({ grace: 0 });
    const running = start().run(app, null, options);
    await handle.approve(undefined, { by: "ana" });
    expect(await running).toBe("ana");
  });
});

describe("a signal", () => {
  it("that does not come in time fails the wait, and a later one is for the next", async () => {
    const app = async (_: null) => {
      const first = await waitForSignal("n", { timeout: 20 }).catch((error) => error.code);
      return [first, await waitForSignal("n")];
    };
    const handle = await start().start(app, null, options);
    await expect.poll(async () => (await handle.steps()).length).toBe(2);
    await handle.signal("n", "late");
    expect(await handle.result()).toEqual(["WAIT_EXPIRED", "late"]);
  });

  it("that is told twice with one key comes once", async () => {
    const app = async (_: null) => [
      await waitForSignal("n"),
      await waitForSignal("n", { timeout: 100 }).catch(() => "no more"),
    ];
    const handle = await start().start(app, null, options);
    await handle.signal("n", 1, { key: "k" });
    await handle.signal("n", 1, { key: "k" });
    expect(await handle.result()).toEqual([1, "no more"]);
  });
});

it("sleeping goes on through a crash, and does not begin anew", async () => {
  const app = async (_: null) => {
    await sleep(5_000);
    return "awake";
  };
  void start()
    .run(app, null, options)
    .catch(() => {});
  await waiting(start().handle("r"));
  die(); // and ten seconds pass
  const began = performance.now();
  expect(await start().run(app, null, options)).toBe("awake");
  expect(performance.now() - began).toBeLessThan(5_000);
});

it("a run that a living process has is awaited, and taken up when that process dies", async () => {
  let ran = 0;
  const app = async (_: null) =>
    step("slow", async () => {
      ran += 1;
      if (ran === 1) await new Promise(() => {});
      return "done";
    });
  void start()
    .run(app, null, options)
    .catch(() => {});
  await expect.poll(() => ran).toBe(1);
  const attached = start().run(app, null, options);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(ran).toBe(1);
  die();
  expect(await attached).toBe("done");
  expect(ran).toBe(2);
});

it("two questions that nothing tells apart are refused, and so are two parts", async () => {
  const ask = async (_: null) => Promise.all([waitForApproval("a"), waitForApproval("a")]);
  await expect(start().run(ask, null)).rejects.toMatchObject({ code: "STEP_AMBIGUOUS" });

  const runtime = start();
  const inner = async (n: number) => step("double", async () => n * 2);
  const outer = (named: boolean) => async (_: null) =>
    Promise.all(
      [1, 2].map((n) => runtime.run(inner, n, named ? { durable: { runId: `part ${n}` } } : {})),
    );
  await expect(runtime.run(outer(false), null)).rejects.toMatchObject({ code: "STEP_AMBIGUOUS" });
  expect(await runtime.run(outer(true), null)).toEqual([2, 4]);
});

it("a signal to a run that is over is refused", async () => {
  await start().run(async (_: null) => 1, null, options);
  const told = start().handle("r").signal("n", 1);
  await expect(told).rejects.toMatchObject({ code: "RUN_OVER" });
});

it("whoever awaits a run that waits hears that it was deleted", async () => {
  const running = start().run(async (_: null) => waitForApproval("ok"), null, options);
  running.catch(() => {});
  await waiting(start().handle("r"));
  const store = openMemoryStore(database());
  const { id: runId } = (await start().runs.get("r"))!;
  const isHeld = async () => (await store.standings([runId]))[0]!.isHeld;
  await expect.poll(isHeld).toBe(false);
  await store.deleteSpace((await store.run(runId))!.spaceId);
  await expect(running).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
});
