import { describe, expect, it } from "vitest";
import { container, durableStep } from "../../src/adapter/index.ts";
import { currentStep, step, waitForApproval } from "../../src/index.ts";
import { realTime, type Scheduler } from "../../src/journal/index.ts";
import type { RunContext } from "../../src/run/index.ts";
import type { NewEntry } from "../../src/store/index.ts";
import { attempts, heldBody } from "./attempts.ts";

const at = attempts();

describe("a run that is handed over", () => {
  it("records what was under way, begins nothing else, and goes on elsewhere", async () => {
    const drain = new AbortController();
    const first = heldBody<string>();
    let seconds = 0;
    const program = async () => {
      const one = await step("first", first.body);
      const two = await step("second", async () => ++seconds);
      return [one, two];
    };
    const handed = at.attempt(program, { drain: drain.signal });
    await first.begun;
    drain.abort();
    first.end("one");
    expect(await handed).toEqual({ is: "drained" });
    expect(at.state).toEqual({ status: "queued", release: true });
    expect(await at.entries()).toEqual(["attempt", "started", "finished"]);
    expect(seconds).toBe(0);
    expect(await at.attempt(program)).toEqual({ is: "completed", output: ["one", 1] });
    expect(first.times).toBe(1);
  });

  it("is handed over at once where nothing does anything but wait", async () => {
    const drain = new AbortController();
    let asked = 0;
    const program = () =>
      Promise.all([
        waitForApproval("outside"),
        step(
          "asks inside",
          async () => {
            asked += 1;
            return waitForApproval("inside");
          },
          { inDoubt: "once" },
        ),
      ]);
    const handed = at.attempt(program, { drain: drain.signal });
    await expect.poll(async () => (await at.store.waits(at.runId)).length).toBe(2);
    drain.abort();
    expect(await handed).toEqual({ is: "drained" });
    // It only waited: nobody is asked how it ended.
    const again = at.attempt(program, { hotMs: 0 });
    expect(await again).toMatchObject({ is: "waiting", why: { reason: "wait" } });
    expect(asked).toBe(2);
    expect(await at.entries()).not.toContain("in doubt");
  });

  it("lets a body that is under way do what it consists of", async () => {
    const drain = new AbortController();
    const outer = heldBody<void>();
    const program = async () => {
      const inside = await step("outer", async () => {
        await outer.body();
        return step("inner", async () => "in");
      });
      return [inside, await step("after", async () => "after")];
    };
    const handed = at.attempt(program, { drain: drain.signal });
    await outer.begun;
    drain.abort();
    outer.end();
    expect(await handed).toEqual({ is: "drained" });
    const finished = (await at.journal()).filter(({ entry }) => entry === "finished");
    expect(finished.map(({ value }) => value)).toEqual(['"in"', '"in"']);
    expect(await at.attempt(program)).toMatchObject({ output: ["in", "after"] });
    expect(outer.times).toBe(1);
  });

  it("does not wait for a part that no result can stand for, only for what is under way in it", async () => {
    const drain = new AbortController();
    const inside = heldBody<string>();
    let others = 0;
    const program = (run: RunContext) =>
      container(run, {
        kind: "tool",
        name: "part",
        identity: "part",
        body: async () => [
          await step("inside", inside.body),
          await step("other", async () => ++others),
        ],
      });
    const handed = at.attempt(program, { drain: drain.signal });
    await inside.begun;
    drain.abort();
    inside.end("in");
    expect(await handed).toEqual({ is: "drained" });
    expect(others).toBe(0);
    expect(await at.attempt(program)).toMatchObject({ output: ["in", 1] });
    expect(inside.times).toBe(1);
  });

  it("leaves the next try of a step that failed to whoever takes it up", async () => {
    const drain = new AbortController();
    const tries: number[] = [];
    const program = () =>
      step(
        "flaky",
        async () => {
          tries.push(currentStep().try);
          if (tries.length === 1) {
            drain.abort();
            throw new Error("not yet");
          }
          return "done";
        },
        { retries: { times: 1, delay: 1 } },
      );
    expect(await at.attempt(program, { drain: drain.signal })).toEqual({ is: "drained" });
    expect(tries).toEqual([1]);
    expect(await at.attempt(program)).toMatchObject({ is: "completed", output: "done" });
    expect(tries).toEqual([1, 2]);
  });

  it("is handed over though a body goes on, when its time is over, and the body is told", async () => {
    const drain = new AbortController();
    const signal = new AbortController();
    const told: unknown[] = [];
    const first = heldBody<string>();
    const program = () =>
      step("long", () => {
        const { signal: aborted } = currentStep();
        aborted.addEventListener("abort", () => told.push(aborted.reason));
        return first.body();
      });
    const handed = at.attempt(program, { drain: drain.signal, signal: signal.signal });
    await first.begun;
    drain.abort();
    signal.abort();
    expect(await handed).toEqual({ is: "drained" });
    expect(told).toMatchObject([{ name: "AbortError" }]);
    expect(at.state).toEqual({ status: "queued", release: true });
    // What it comes to is not kept any more.
    first.end("late");
    const later = await at.attempt(() => step("long", async () => "again"));
    expect(later).toMatchObject({ output: "again" });
  });

  it("is not begun at all by a process that is on its way out", async () => {
    const program = async () => expect.fail("It was executed.");
    expect(await at.attempt(program, { drain: AbortSignal.abort() })).toEqual({ is: "drained" });
    expect(await at.entries()).toEqual([]);
    expect(at.state).toEqual({ status: "queued", release: true });
  });

  it("leaves what is answered meanwhile to whoever takes it up", async () => {
    const drain = new AbortController();
    const beside = heldBody<string>();
    const program = async () => {
      const [{ approved }] = await Promise.all([
        waitForApproval("go on"),
        step("beside", beside.body),
      ]);
      return approved;
    };
    const handed = at.attempt(program, { drain: drain.signal });
    await beside.begun;
    await expect.poll(async () => (await at.store.waits(at.runId)).length).toBe(1);
    drain.abort();
    await at.approve();
    beside.end("beside");
    expect(await handed).toEqual({ is: "drained" });
    expect((await at.store.waits(at.runId)).length).toBe(1);
    expect(await at.attempt(program)).toMatchObject({ is: "completed", output: true });
  });

  it("asks nobody about a body that was held up by a branch that is late", async () => {
    const beside = heldBody<string>();
    let begun = 0;
    const program = (isLate: boolean) => () =>
      Promise.all([
        isLate ? never() : step("beside", async () => "first"),
        step(
          "outer",
          async () => {
            begun += 1;
            await step("inside", beside.body);
            await waitForApproval("refund");
          },
          { inDoubt: "once" },
        ),
      ]);
    const suspended = at.attempt(program(false), { hotMs: 0 });
    await beside.begun;
    await expect.poll(() => at.entries()).toContain("finished");
    beside.end("second");
    expect(await suspended).toMatchObject({ is: "waiting" });
    const drain = new AbortController();
    const handed = at.attempt(program(true), { drain: drain.signal });
    await expect.poll(() => begun).toBe(2);
    drain.abort();
    expect(await handed).toEqual({ is: "drained" });
    expect(await at.attempt(program(false), { hotMs: 0 })).toMatchObject({ is: "waiting" });
    expect(begun).toBe(3);
    expect(await at.entries()).not.toContain("in doubt");
  });

  /** Somebody is asked for certainty that comes when the test says so, once the step is announced. */
  function doubtful() {
    const drain = new AbortController();
    const signal = new AbortController();
    let doubt: PromiseWithResolvers<void> | undefined;
    let bodies = 0;
    return {
      drain,
      signal,
      bodies: () => bodies,
      program: () => step("pay", async () => ++bodies, { inDoubt: "once" }),
      options: {
        drain: drain.signal,
        signal: signal.signal,
        certain: () => doubt?.promise,
        onAppend({ entry }: NewEntry) {
          if (entry === "started") doubt = Promise.withResolvers();
        },
      },
      end() {
        doubt?.resolve();
        doubt = undefined;
      },
    };
  }

  it("begins nothing that was announced and still waits to be certain, and it is not in doubt", async () => {
    const { drain, bodies, program, options, end } = doubtful();
    const handed = at.attempt(program, options);
    await expect.poll(at.entries).toEqual(["attempt", "started"]);
    drain.abort();
    end();
    expect(await handed).toEqual({ is: "drained" });
    expect(bodies()).toBe(0);
    expect(await at.attempt(program)).toEqual({ is: "completed", output: 1 });
  });

  it("nor does it when its time is over before that is certain", async () => {
    const { drain, signal, bodies, program, options, end } = doubtful();
    const handed = at.attempt(program, options);
    await expect.poll(at.entries).toEqual(["attempt", "started"]);
    drain.abort();
    signal.abort();
    expect(await handed).toEqual({ is: "drained" });
    end();
    expect(await at.attempt(program)).toEqual({ is: "completed", output: 1 });
    expect(bodies()).toBe(1);
  });

  it("lets a body end in which a step was given up while its result waited for its turn", async () => {
    const lost = new AbortController();
    const outer = heldBody<string>();
    const first = () => Promise.all([step("before", async () => 1), step("outer", outer.body)]);
    const died = at.attempt(first, { signal: lost.signal });
    await outer.begun;
    await expect.poll(at.entries).toContain("finished");
    lost.abort();
    await died;

    const drain = new AbortController();
    const { promise: abandoned, resolve: giveUp } = Promise.withResolvers<Error>();
    const after = heldBody<string>();
    const inside = (run: RunContext) =>
      durableStep(run, { kind: "model", name: "m", abandoned, body: async () => "unheard" });
    const second = (run: RunContext) =>
      Promise.all([
        // Its branch does not come to it in time.
        never(),
        step("outer", () => inside(run).catch(after.body)),
      ]);
    const handed = at.attempt(second, { drain: drain.signal });
    await expect.poll(async () => (await at.entries()).filter(isFinished).length).toBe(2);
    giveUp(new Error("enough"));
    await after.begun;
    drain.abort();
    // Long enough to be handed over, if that body were taken to do nothing.
    for (let turn = 0; turn < 10; turn += 1) await realTime.turn();
    after.end("kept");
    expect(await handed).toEqual({ is: "drained" });
    expect((await at.entries()).filter(isFinished).length).toBe(3);
  });

  it("decides nothing by stillness: what is missing may be kept from beginning", async () => {
    const model = (run: RunContext, prompt: string) => {
      const call = { kind: "model", name: "m", input: [prompt] } as const;
      return run.scope("agent", () => durableStep(run, { ...call, body: async () => prompt }));
    };
    const waits = async (run: RunContext) => {
      await model(run, "yesterday");
      await waitForApproval("refund");
    };
    expect(await at.attempt(waits, { hotMs: 0 })).toMatchObject({ is: "waiting" });
    const drain = new AbortController();
    const long = heldBody<string>();
    const beside = (run: RunContext) =>
      Promise.all([run.scope("beside", () => step("long", long.body)), model(run, "today")]);
    const scheduler: Scheduler = {
      ...realTime,
      after: (ms, then) => realTime.after(ms / 20, then),
    };
    const handed = at.attempt(beside, { drain: drain.signal, scheduler });
    await long.begun;
    drain.abort();
    // Several times as long as it takes a changed prompt to be taken for what it seems to be.
    await new Promise((resolve) => setTimeout(resolve, 50));
    long.end("done");
    expect(await handed).toEqual({ is: "drained" });
    expect(await at.entries()).not.toContain("drift");
  });

  it("is lost, as before, to a process that lets go of it without more ado", async () => {
    const signal = new AbortController();
    const first = heldBody<string>();
    const lost = at.attempt(() => step("long", first.body), { signal: signal.signal });
    await first.begun;
    signal.abort();
    expect(await lost).toEqual({ is: "lost" });
    expect(at.state).toBeUndefined();
  });
});

function isFinished(entry: string): boolean {
  return entry === "finished";
}

function never(): Promise<never> {
  return new Promise(() => {});
}
