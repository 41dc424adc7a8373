import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  currentStep,
  type RunHandle,
  type Runtime,
  step,
  waitForApproval,
  waitForSignal,
} from "../../src/index.ts";
import { heldBody } from "../run/attempts.ts";
import { processes } from "./processes.ts";

const { start, die } = processes();

const untilStatus = (run: RunHandle, status: string) =>
  expect.poll(async () => (await run.status()).status, { timeout: 5_000 }).toBe(status);

/** A run of an app that this process serves, as another process sees it. */
async function served(app: (input: null) => Promise<unknown>): Promise<RunHandle> {
  await start().serve({ app });
  return start().start("app", null);
}

describe("cancelling", () => {
  it("ends a run that nobody has, at once and for good", async () => {
    const run = await start().start("nobody", null);
    await run.cancel("not needed", { by: "ana" });
    expect(await run.status()).toMatchObject({ status: "cancelled" });
    expect((await run.status()).why).toBeUndefined();
    await expect(run.result()).rejects.toMatchObject({
      code: "RUN_CANCELLED",
      message: expect.stringContaining("by ana: not needed"),
      details: { by: "ana", reason: "not needed" },
    });
    await run.cancel("again");
    await start().serve({ nobody: async () => "ran" });
    await sleep(50);
    expect(await run.status()).toMatchObject({ status: "cancelled" });
    await expect(run.pause()).rejects.toMatchObject({ code: "RUN_OVER" });
    await expect(run.resume()).rejects.toMatchObject({ code: "RUN_OVER" });
    await expect(run.signal("s")).rejects.toMatchObject({ code: "RUN_OVER" });
    await expect(run.retry()).rejects.toMatchObject({ code: "RUN_NOT_FAILED" });
  });

  it("ends a run that waits, and takes its questions back", async () => {
    const run = await served(async () => waitForApproval("go"));
    await untilStatus(run, "waiting");
    await run.cancel();
    await untilStatus(run, "cancelled");
    expect(await run.waits()).toEqual([]);
    await expect(run.approve()).rejects.toMatchObject({ code: "WAIT_NOT_OPEN" });
  });

  it("tells the bodies of a run that goes on, and nothing comes after them", async () => {
    const done: string[] = [];
    const body = heldBody<string>();
    let signal: AbortSignal | undefined;
    const run = await served(async () => {
      await step("slow", () => {
        signal = currentStep().signal;
        return body.body();
      });
      done.push("after");
      await step("next", async () => done.push("next"));
    });
    await body.begun;
    await run.cancel("enough", { by: "ana" });
    await untilStatus(run, "cancelled");
    expect(signal!.aborted).toBe(true);
    expect(String(signal!.reason)).toContain("by ana: enough");
    body.end("late");
    await sleep(20);
    expect(done).toEqual([]);
    await expect(run.result()).rejects.toMatchObject({ code: "RUN_CANCELLED" });
  });

  it("ends a run whose worker is dead, and nobody else serves it", async () => {
    const body = heldBody<string>();
    const run = await served(async () => step("slow", body.body));
    await body.begun;
    die();
    const handle = start().handle(run.id);
    expect((await handle.status()).why).toMatchObject({ reason: "dead worker" });
    await handle.cancel();
    expect(await handle.status()).toMatchObject({ status: "cancelled" });
  });

  it("is refused for a run that is over, and for one that is not there", async () => {
    const run = await served(async () => "done");
    await run.result();
    await expect(run.cancel()).rejects.toMatchObject({ code: "RUN_OVER" });
    const missing = start().handle("nobody knows it");
    await expect(missing.cancel()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    await expect(missing.result()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    await expect(missing.status()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });
});

describe("pausing", () => {
  it("lets the step end that is under way, begins no other until it is resumed, and says who did", async () => {
    const [first, second] = [heldBody<number>(), heldBody<number>()];
    const run = await served(
      async () => (await step("one", first.body)) + (await step("two", second.body)),
    );
    await first.begun;
    await run.pause({ by: "ana" });
    first.end(1);
    await untilStatus(run, "waiting");
    expect((await run.status()).why).toMatchObject({ reason: "paused", by: "ana" });
    expect(second.times).toBe(0);
    await run.resume();
    await second.begun;
    second.end(2);
    expect(await run.result()).toBe(3);
    expect(first.times).toBe(1);
  });

  it("keeps a run that nobody has from being taken up, until it is resumed", async () => {
    const runtime = start();
    const run = await runtime.start("app", 1);
    await run.pause();
    await run.pause({ by: "bo" });
    expect((await run.status()).why).toMatchObject({ reason: "paused" });
    await start().serve({ app: async (n: number) => n });
    await sleep(50);
    expect((await run.status()).why).toMatchObject({ reason: "paused" });
    await run.resume();
    expect(await run.result()).toBe(1);
  });

  it("keeps a run that waits from going on with its answer, which it has afterwards", async () => {
    const run = await served(async () => (await waitForApproval("go")).by);
    await untilStatus(run, "waiting");
    await run.pause();
    await run.approve(undefined, { by: "ana" });
    await expect.poll(async () => (await run.status()).why).toMatchObject({ reason: "paused" });
    await sleep(50);
    expect((await run.status()).why).toMatchObject({ reason: "paused" });
    await run.resume();
    expect(await run.result()).toBe("ana");
  });
});

describe("trying again", () => {
  it("a run of an app that is served needs nobody to run it", async () => {
    let bodies = 0;
    const run = await served(async () => {
      const first = await step("first", async () => ++bodies);
      const second = await step("second", async () => {
        bodies += 1;
        if (bodies === 2) throw new Error("not now");
        return bodies;
      });
      return [first, second];
    });
    await expect(run.result()).rejects.toThrow("not now");
    await run.retry();
    expect(await run.result()).toEqual([1, 3]);
    await expect(run.retry()).rejects.toMatchObject({ code: "RUN_NOT_FAILED" });
  });
});

describe("a handle in another process", () => {
  it("sees what happens, what is asked, and the end; and answers", async () => {
    const run = await served(async () => {
      const greeting = await step("greet", async () => "hello");
      const { by } = await waitForApproval("send", { show: { greeting } });
      return `${greeting} from ${by}, ${await waitForSignal("more")}`;
    });
    const types: string[] = [];
    const told = (async () => {
      for await (const { type, name } of run.events()) types.push(name ? `${type} ${name}` : type);
    })();
    await untilStatus(run, "waiting");
    expect(await run.waits()).toMatchObject([
      { kind: "approval", name: "send", asked: { greeting: "hello" } },
    ]);
    expect((await run.status()).sentence).toContain('"send" waits to be approved');
    await run.approve(undefined, { by: "ana" });
    await run.signal("more", "and more");
    expect(await run.result()).toBe("hello from ana, and more");
    await told;
    expect(types).toEqual(expect.arrayContaining(["input", "started greet", "run completed"]));
    expect(types.at(-1)).toBe("run completed");
    expect(await run.steps()).toMatchObject([
      { name: "greet", status: "finished", result: "hello" },
      { name: "send", status: "finished" },
      { name: "more", status: "finished" },
    ]);
  });

  it("is one of two that ask for one run: one process runs it, both have its end", async () => {
    let bodies = 0;
    const app = async (_: null) =>
      step("once", async () => {
        bodies += 1;
        await sleep(50);
        return bodies;
      });
    const ask = (runtime: Runtime) =>
      runtime.run(app, null, { durable: { runId: "r", name: "app" } });
    const ends = await Promise.all([ask(start()), ask(start()), start().run(app, null)]);
    expect(ends[0]).toBe(ends[1]);
    expect(bodies).toBe(2);
  });
});

describe("a runtime that closes", () => {
  it("tells those who await a run of others, or its events", async () => {
    const runtime = start();
    const run = await runtime.start("nobody", 1);
    const [result, events] = [
      run.result(),
      (async () => {
        for await (const _ of run.events());
      })(),
    ];
    const rejected = Promise.all([
      expect(result).rejects.toMatchObject({ code: "RUNTIME_CLOSED" }),
      expect(events).rejects.toMatchObject({ code: "RUNTIME_CLOSED" }),
    ]);
    await sleep(20);
    await runtime.close();
    await rejected;
    await expect(run.status()).rejects.toMatchObject({ code: "RUNTIME_CLOSED" });
  });

  it.each([-1, Number.NaN, "5"])("is given no grace such as %s", async (grace) => {
    const runtime = start();
    const worker = await runtime.serve({ app: async () => 1 });
    const given = { grace: grace as number };
    await expect(worker.drain(given)).rejects.toMatchObject({ code: "OPTION_INVALID" });
    await expect(runtime.close(given)).rejects.toMatchObject({ code: "OPTION_INVALID" });
  });

  it("waits for what is under way, for as long as it is told to", async () => {
    const runtime = start();
    const body = heldBody<string>();
    let signal: AbortSignal | undefined;
    const app = (next: () => Promise<string>) => async () => {
      const slow = await step("slow", () => {
        signal = currentStep().signal;
        return body.body();
      });
      return [slow, await step("next", next)];
    };
    const worker = await runtime.serve({ app: app(async () => "here") });
    const run = await start().start("app", null);
    await body.begun;
    const drained = worker.drain({ grace: Number.POSITIVE_INFINITY });
    await sleep(30);
    expect(signal!.aborted).toBe(false);
    body.end("kept");
    await drained;
    expect(worker.busy).toBe(0);
    await worker.done;
    expect(await run.status()).toMatchObject({ why: { reason: "no worker" } });
    await start().serve({ app: app(async () => "there") });
    expect(await run.result()).toEqual(["kept", "there"]);
    expect(body.times).toBe(1);
  });
});
