import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { durableStep } from "../../src/adapter/index.ts";
import { step } from "../../src/index.ts";
import type { RunContext } from "../../src/run/index.ts";
import { attempts, heldBody } from "./attempts.ts";

const at = attempts();

it("a step whose policy throws when it is asked fails as its body did, and does not run again", async () => {
  let bodies = 0;
  const when = () => {
    throw new Error("It reads what is not there.");
  };
  const body = async () => {
    bodies += 1;
    throw new Error(`declined ${bodies}`);
  };
  const lost = new AbortController();
  const pay = () =>
    step("pay", body, { retries: { times: 1, when } }).catch(({ message }: Error) => message);
  const dies = async () => {
    expect(await pay()).toBe("declined 1");
    lost.abort();
  };
  expect(await at.attempt(dies, { signal: lost.signal })).toEqual({ is: "lost" });
  expect(await at.attempt(pay)).toEqual({ is: "completed", output: "declined 1" });
  expect(bodies).toBe(1);
});

it("is not asked about a step that was given up", async () => {
  const { promise: abandoned, resolve: giveUp } = Promise.withResolvers<Error>();
  const pay = heldBody<void>();
  let asked = 0;
  const when = () => {
    asked += 1;
    return true;
  };
  const program = async (run: RunContext) => {
    const call = { kind: "tool", name: "pay", policy: { retries: { times: 1, when } } } as const;
    const body = () => pay.body().then(() => Promise.reject(new Error("declined")));
    const paid = durableStep(run, { ...call, abandoned, body });
    await pay.begun;
    giveUp(new Error("given up"));
    const said = await paid.catch(({ message }: Error) => message);
    pay.end();
    await sleep(5);
    return said;
  };
  expect(await at.attempt(program)).toEqual({ is: "completed", output: "given up" });
  expect([asked, pay.times]).toEqual([0, 1]);
});
