import { beforeEach, describe, expect, it } from "vitest";
import {
  currentStep,
  HoldfastError,
  pipe,
  sleep,
  step,
  waitForApproval,
  waitForSignal,
} from "../../src/index.ts";
import { processes } from "./processes.ts";

/** A runtime of its own on the same database: what another process is. */
const { start: process } = processes();
/** What happened outside, in all processes. */
let effects: string[];
beforeEach(() => {
  effects = [];
});

const effect = (name: string) => async () => {
  effects.push(name);
  return `${name} done`;
};

describe("a plain function", () => {
  it("is run once: asked for again by its id, its recorded end is returned", async () => {
    const app = async ({ order }: { order: string }) => [
      await step("find", effect(`find ${order}`)),
      await step("ship", effect(`ship ${order}`)),
    ];
    const options = { durable: { runId: "order 1" } };
    const first = await process().run(app, { order: "a" }, options);
    expect(first).toEqual(["find a done", "ship a done"]);
    expect(await process().run(app, { order: "a" }, options)).toEqual(first);
    expect(effects).toEqual(["find a", "ship a"]);
  });

  it("is refused under the id of a run with another input", async () => {
    const app = async (input: number) => input;
    await process().run(app, 1, { durable: { runId: "r" } });
    const again = process().run(app, 2, { durable: { runId: "r" } });
    await expect(again).rejects.toMatchObject({ code: "INPUT_MISMATCH" });
  });

  it("throws again what it threw, with its kind and code", async () => {
    const app = async (_: null) =>
      step("fail", () => Promise.reject(Object.assign(new RangeError("no"), { code: "E1" })));
    const options = { durable: { runId: "r" } };
    await expect(process().run(app, null, options)).rejects.toMatchObject({
      message: "no",
      code: "E1",
    });
    const again = await process()
      .run(app, null, options)
      .catch((error: unknown) => error);
    expect(again).toBeInstanceOf(RangeError);
    expect(again).toMatchObject({ message: "no", code: "E1" });
  });

  it("goes on after retry() at the step whose failure ended it", async () => {
    let broken = true;
    const app = async (_: null) => {
      const a = await step("a", effect("a"));
      const b = await step("b", async () => {
        effects.push("b");
        if (broken) throw new Error("b is broken");
        return "b done";
      });
      return [a, b];
    };
    const options = { durable: { runId: "r" } };
    await expect(process().run(app, null, options)).rejects.toThrow("b is broken");
    broken = false;
    await process().handle("r").retry();
    expect(await process().run(app, null, options)).toEqual(["a done", "b done"]);
    expect(effects).toEqual(["a", "b", "b"]);
  });

  it("waits for a person, out of memory, and goes on when another process has the decision", async () => {
    const app = async (_: null) => {
      await step("before", effect("before"));
      const { approved, by, note } = await waitForApproval("refund", { show: { amount: 42 } });
      await step("after", effect("after"));
      return { approved, by, note };
    };
    const running = process().run(app, null, { durable: { runId: "r" } });
    const other = process().handle("r");
    await expect
      .poll(async () => (await other.status().catch(() => undefined))?.status)
      .toBe("waiting");
    expect((await other.status()).sentence).toContain('"refund" waits to be approved');
    await other.approve(undefined, { by: "ana", note: "fine" });
    expect(await running).toEqual({ approved: true, by: "ana", note: "fine" });
    expect(effects).toEqual(["before", "after"]);
    await expect(other.reject(undefined, { by: "bo" })).rejects.toMatchObject({
      code: "WAIT_NOT_OPEN",
    });
  });

  it("takes signals in their order, also those that came early, and sleeps", async () => {
    const app = async (_: null) => {
      const first = await waitForSignal<number>("n");
      await sleep(20);
      return [first, await waitForSignal<number>("n")];
    };
    const runtime = process({ hotPeriod: 10_000 });
    const handle = await runtime.start(app, null, { durable: { runId: "r" } });
    await handle.signal("n", 1);
    await handle.signal("n", 2);
    expect(await handle.result()).toEqual([1, 2]);
  });

  it("tells its steps who they are", async () => {
    const app = async (_: null) => step("who", async () => currentStep());
    const { runId, stepId, idempotencyKey } = await process().run(app, null);
    expect(idempotencyKey).toBe(`${runId}:${stepId}`);
  });

  it("runs other apps as parts of itself", async () => {
    const inner = async (n: number) => step("double", async () => n * 2);
    const runtime = process();
    const outer = async (n: number) => {
      const once = await runtime.run(inner, n);
      return runtime.run(inner, once);
    };
    expect(await runtime.run(outer, 1, { durable: { runId: "r" } })).toBe(4);
    expect(await runtime.run(pipe(inner, inner, outer), 1)).toBe(16);
    const steps = await runtime.handle("r").steps();
    expect(steps.map(({ scope }) => scope)).toEqual(["/inner", "/inner#2"]);
  });

  it("tries a step again by its policy: one step of the journal, however often it was tried", async () => {
    let fail = 2;
    const app = async (_: null) =>
      step(
        "flaky",
        async () => {
          if (fail-- > 0) throw new Error("flaky");
          return currentStep().try;
        },
        { retries: { times: 3, delay: 1 } },
      );
    expect(await process().run(app, null, { durable: { runId: "r" } })).toBe(3);
    const steps = await process().handle("r").steps();
    expect(steps).toMatchObject([{ name: "flaky", tries: 3, status: "finished" }]);
  });

  it("replays a step that was tried again without waiting for what was inside its tries", async () => {
    const app = async (_: null) => {
      const tries = await step(
        "outer",
        async () => {
          await step("inner", effect("inner"));
          if (currentStep().try < 3) throw new Error("flaky");
          return currentStep().try;
        },
        { retries: { times: 2, delay: 1 } },
      );
      await step("last", () => Promise.reject(new Error("ended")));
      return tries;
    };
    const options = { durable: { runId: "r" } };
    await expect(process().run(app, null, options)).rejects.toThrow("ended");
    await process().handle("r").retry();
    await expect(process().run(app, null, options)).rejects.toThrow("ended");
    expect(effects).toEqual(["inner", "inner", "inner"]);
    const kinds: string[] = [];
    for await (const { type } of process().handle("r").events()) kinds.push(type);
    expect(kinds).not.toContain("reordered");
  });

  it("gives up a step that takes too long", async () => {
    const app = async (_: null) =>
      step("slow", () => new Promise((resolve) => setTimeout(resolve, 50)), { timeout: 5 });
    await expect(process().run(app, null)).rejects.toMatchObject({ code: "STEP_TIMED_OUT" });
  });

  it("refuses two steps that nothing tells apart", async () => {
    const app = async (_: null) =>
      Promise.all([step("same", effect("one")), step("same", effect("two"))]);
    await expect(process().run(app, null)).rejects.toMatchObject({ code: "STEP_AMBIGUOUS" });
  });

  it("is told when it is not in a run", async () => {
    expect(() => step("x", effect("x"))).toThrow(HoldfastError);
    expect(() => currentStep()).toThrow(/outside the body of a step/);
  });
});
