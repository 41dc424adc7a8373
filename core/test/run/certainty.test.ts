import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { step } from "../../src/index.ts";
import { realTime } from "../../src/journal/index.ts";
import type { NewEntry } from "../../src/store/index.ts";
import { attempts } from "./attempts.ts";

const at = attempts();

/** Certainty that can end, and come back. */
function certainty() {
  let back: PromiseWithResolvers<void> | undefined;
  return {
    certain: () => back?.promise,
    end: () => {
      back ??= Promise.withResolvers();
    },
    comeBack: () => {
      const ended = back;
      back = undefined;
      ended?.resolve();
    },
  };
}

it("no body begins while it is not certain that the run is still this worker's", async () => {
  const { certain, end, comeBack } = certainty();
  const bodies: string[] = [];
  const program = async () => {
    await step("first", async () => bodies.push("first"));
    end();
    await Promise.all([
      step("second", async () => bodies.push("second")),
      step("third", async () => bodies.push("third")),
    ]);
    return bodies.length;
  };
  const attempted = at.attempt(program, { certain });
  await expect.poll(() => certain() === undefined).toBe(false);
  await sleep(50);
  expect(bodies).toEqual(["first"]);
  comeBack();
  expect(await attempted).toEqual({ is: "completed", output: 3 });
});

it("a body for which that comes too late never begins, and the run is found by others", async () => {
  const lost = new AbortController();
  const { promise: certain, resolve } = Promise.withResolvers<void>();
  let bodies = 0;
  const program = () => step("pay", async () => ++bodies);
  const attempted = at.attempt(program, { certain: () => certain, signal: lost.signal });
  await expect.poll(at.entries).toEqual(["attempt"]);
  lost.abort();
  resolve();
  expect(await attempted).toEqual({ is: "lost" });
  await sleep(20);
  expect(bodies).toBe(0);
  expect(await at.entries()).toEqual(["attempt"]);
  expect(await at.attempt(program)).toEqual({ is: "completed", output: 1 });
});

it("is asked for after what a body waits for: recorded results", async () => {
  const lost = new AbortController();
  let bodies = 0;
  const first = () => step("first", async () => "done");
  const died = at.attempt(() => first().then(() => lost.abort()), { signal: lost.signal });
  expect(await died).toEqual({ is: "lost" });
  expect(await at.entries()).toContain("finished");

  const { certain, end, comeBack } = certainty();
  // As long as they are handed back, the process may be stopped.
  let turn = () => realTime.turn().then(end);
  const program = () => first().then(() => step("second", async () => ++bodies));
  const attempted = at.attempt(program, {
    certain,
    scheduler: { ...realTime, turn: () => turn() },
  });
  await sleep(50);
  expect(bodies).toBe(0);
  turn = realTime.turn;
  comeBack();
  expect(await attempted).toEqual({ is: "completed", output: 1 });
});

it("its announcement", async () => {
  const { certain, end, comeBack } = certainty();
  let bodies = 0;
  const program = () => step("pay", async () => ++bodies, { inDoubt: "once" });
  const onAppend = ({ entry }: NewEntry) => {
    if (entry === "started") end();
  };
  const attempted = at.attempt(program, { certain, onAppend });
  await expect.poll(at.entries).toEqual(["attempt", "started"]);
  await sleep(50);
  expect(bodies).toBe(0);
  comeBack();
  expect(await attempted).toEqual({ is: "completed", output: 1 });
});

it("and from the answer to the body nothing is awaited", async () => {
  let hasWaited = false;
  const certain = () => {
    hasWaited = false;
    queueMicrotask(() => {
      hasWaited = true;
    });
    return undefined;
  };
  const program = async () => [
    await step("plain", () => hasWaited),
    await step("announced", () => hasWaited, { inDoubt: "once" }),
    await step("limited", () => hasWaited, { timeout: 1_000 }),
  ];
  expect(await at.attempt(program, { certain })).toEqual({
    is: "completed",
    output: [false, false, false],
  });
});

it("a step that is on record beside an equal one, and never begins, is not in doubt", async () => {
  const { certain, end, comeBack } = certainty();
  const drain = new AbortController();
  end();
  let bodies = 0;
  const pay = () => step("pay", async () => ++bodies, { inDoubt: "once", input: "same" });
  const program = () => Promise.all([pay(), pay()]);
  const drained = at.attempt(program, { certain, drain: drain.signal });
  await expect.poll(at.entries).toContain("started");
  drain.abort();
  comeBack();
  expect(await drained).toEqual({ is: "drained" });
  expect(bodies).toBe(0);
  expect(await at.attempt(program)).toEqual({ is: "completed", output: [1, 2] });
});
