// A framework that stops waiting for a step goes on without its result: so does every later execution.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { currentRun, durableStep, streamedStep } from "../../src/adapter/index.ts";
import { step, waitForApproval } from "../../src/index.ts";
import type { NewEntry } from "../../src/store/index.ts";
import { attempts } from "../run/attempts.ts";
import { processes } from "./processes.ts";

const { start, twice } = processes();
const at = attempts();

/** A model that takes its time, waited for as long as the signal is not aborted. */
function slowModel() {
  let calls = 0;
  const { promise: answer, resolve: answerNow } = Promise.withResolvers<string>();
  const call = (signal: AbortSignal) =>
    durableStep(currentRun("model"), {
      kind: "model",
      name: "slow",
      input: ["?"],
      abandoned: new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(signal.reason));
      }),
      body: () => {
        calls += 1;
        return answer;
      },
    }).catch((error: unknown) => `${(error as Error).name}`);
  return { call, answerNow, calls: () => calls };
}

test("a result that comes after the program went on is never handed out", async () => {
  const { call, answerNow, calls } = slowModel();
  const results = await twice(async () => {
    const result = await call(AbortSignal.timeout(5));
    answerNow("too late");
    await sleep(5);
    return result;
  });
  expect(results).toEqual(["TimeoutError", "TimeoutError"]);
  expect(calls()).toBe(1);
  const steps = await start().handle("r").steps();
  expect(steps.filter(({ name }) => name === "slow")).toHaveLength(1);
});

test("a step that came to its end first is as it was, whatever is aborted later", async () => {
  const { call, answerNow } = slowModel();
  answerNow("in time");
  const results = await twice(async () => {
    const late = new AbortController();
    const result = await call(late.signal);
    late.abort();
    return result;
  });
  expect(results).toEqual(["in time", "in time"]);
});

/** A payment that is given up before it is asked for, or while its start is made durable. */
function givenUpPayment(when: "before" | "started") {
  const { promise: abandoned, resolve } = Promise.withResolvers<Error>();
  const giveUp = () => resolve(new Error("given up"));
  if (when === "before") giveUp();
  let bodies = 0;
  return {
    bodies: () => bodies,
    onAppend({ entry }: NewEntry) {
      if (entry === when) giveUp();
    },
    pay: () =>
      durableStep(currentRun("tool"), {
        kind: "tool",
        name: "pay",
        policy: { inDoubt: when === "started" ? "once" : "retry" },
        abandoned,
        body: async () => ++bodies,
      }).catch((error: unknown) => (error as Error).message),
  };
}

test.each(["before", "started"] as const)(
  "a body does not begin of a step that was given up by then: %s",
  async (when) => {
    const { bodies, onAppend, pay } = givenUpPayment(when);
    const program = async () => {
      const said = await pay();
      await sleep(5);
      return said;
    };
    expect(await at.attempt(program, { onAppend })).toMatchObject({ output: "given up" });
    expect(bodies()).toBe(0);
  },
);

test("after that a run stays in memory for a step that will be tried again, as ever", async () => {
  const { onAppend, pay } = givenUpPayment("started");
  let tries = 0;
  const flaky = async () => {
    tries += 1;
    if (tries === 1) throw new Error("not yet");
    return "done";
  };
  const program = async () => {
    await pay();
    await sleep(5);
    const policy = { retries: { times: 1, delay: 300 } };
    return Promise.race([step("flaky", flaky, policy), waitForApproval("refund")]);
  };
  expect(await at.attempt(program, { onAppend, hotMs: 50 })).toMatchObject({ output: "done" });
});

test("of a stream that is given up, what was given comes first on replay too", async () => {
  const program = async () => {
    const leave = new AbortController();
    const heard: string[] = [];
    const words = streamedStep<string>(currentRun("model"), {
      kind: "model",
      name: "words",
      input: ["?"],
      abandoned: new Promise((resolve) => {
        leave.signal.addEventListener("abort", () => resolve(leave.signal.reason));
      }),
      async *stream() {
        yield "one";
        yield "two";
        await new Promise(() => {});
      },
    });
    try {
      for await (const word of words) {
        heard.push(word);
        if (word === "two") leave.abort(new Error("enough"));
      }
    } catch (error) {
      heard.push((error as Error).message);
    }
    return heard;
  };
  expect(await twice(program)).toEqual([
    ["one", "two", "enough"],
    ["one", "two", "enough"],
  ]);
});

test("so it does though it was whole, and waited for the turn of its end", async () => {
  const first = () => step("before", async () => "done");
  const lost = new AbortController();
  await at.attempt(() => first().then(() => lost.abort()), { signal: lost.signal });

  const program = async (isLate: boolean) => {
    const { promise: abandoned, resolve: giveUp } = Promise.withResolvers<Error>();
    const heard: string[] = [];
    const words = streamedStep<string>(currentRun("model"), {
      kind: "model",
      name: "words",
      input: ["?"],
      abandoned,
      async *stream() {
        yield "one";
        yield "two";
      },
    });
    const hear = async () => {
      for await (const word of words) heard.push(word);
    };
    const hearing = hear().catch((error: unknown) => heard.push((error as Error).message));
    if (isLate) {
      await expect.poll(async () => (await at.entries()).filter(isFinished).length).toBe(2);
      giveUp(new Error("enough"));
      await hearing;
    }
    await first();
    await hearing;
    return isLate ? waitForApproval("refund") : heard;
  };
  expect(await at.attempt(() => program(true), { hotMs: 0 })).toMatchObject({ is: "waiting" });
  const output = ["one", "two", "enough"];
  expect(await at.attempt(() => program(false))).toMatchObject({ is: "completed", output });
});

function isFinished(entry: string): boolean {
  return entry === "finished";
}

test("a call that was recorded as a whole is told in pieces where that is asked for", async () => {
  let isWhole = true;
  const program = async () => {
    const call = { kind: "model", name: "words", input: ["?"] } as const;
    const run = currentRun("model");
    if (isWhole) {
      isWhole = false;
      return durableStep(run, { ...call, body: async () => "a b" });
    }
    const pieces: string[] = [];
    const recorded = (value: unknown) => String(value).split(" ");
    const stream = async function* () {};
    for await (const piece of streamedStep<string>(run, { ...call, recorded, stream })) {
      pieces.push(piece);
    }
    return pieces;
  };
  expect(await twice<unknown>(program)).toEqual(["a b", ["a", "b"]]);
});
