import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { RepeatedLook } from "../../src/worker/repeated-look.ts";

it("never looks twice at once, and who asks is told only what was there when they asked", async () => {
  const steps = fc.array(fc.record({ waitMs: fc.nat(3), lookMs: fc.nat(3) }), { maxLength: 12 });
  const property = fc.asyncProperty(steps, async (asks) => {
    let happened = 0;
    let seen = 0;
    let under = 0;
    let most = 0;
    let lookMs = 0;
    const looks = new RepeatedLook(async () => {
      under += 1;
      most = Math.max(most, under);
      const found = happened;
      await delay(lookMs);
      seen = found;
      under -= 1;
      return 1;
    });
    looks.start(0);
    const told: Promise<void>[] = [];
    for (const ask of asks) {
      lookMs = ask.lookMs;
      const mine = ++happened;
      told.push(looks.now().then(() => expect(seen).toBeGreaterThanOrEqual(mine)));
      await delay(ask.waitMs);
    }
    await Promise.all(told);
    await looks.stop();
    expect([most <= 1, under]).toEqual([true, 0]);
  });
  await fc.assert(property, { numRuns: 60 });
});

it("looks once more for who asks in the very moment in which a look ends", async () => {
  for (let moment = 0; moment < 12; moment += 1) {
    let happened = 0;
    let seen = 0;
    let told: Promise<void> | undefined;
    const looks = new RepeatedLook(async () => {
      seen = happened;
      if (told === undefined) ask(moment);
      return 60_000;
    });
    const ask = (inMicrotasks: number) => {
      if (inMicrotasks > 0) return queueMicrotask(() => ask(inMicrotasks - 1));
      happened += 1;
      told = looks.now();
    };
    looks.start(60_000);
    await looks.now();
    await delay(1);
    await told;
    expect(seen, `${moment} microtasks later`).toBe(1);
    await looks.stop();
  }
});

it("looks again by itself after as long as the last look said", async () => {
  const times: number[] = [];
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const looks = new RepeatedLook(async () => {
    if (times.push(performance.now()) === 4) resolve();
    return 20;
  });
  looks.start(0);
  await enough;
  await looks.stop();
  expect(times[3]! - times[0]!).toBeGreaterThanOrEqual(55);
});

it("begins no look once it is stopped, and goes on when it is started again", async () => {
  let looked = 0;
  const looks = new RepeatedLook(async () => {
    looked += 1;
    await delay(5);
    return 1;
  });
  looks.start(0);
  await looks.now();
  await looks.stop();
  const before = looked;
  await looks.now();
  await delay(20);
  expect(looked).toBe(before);
  looks.start(0);
  await looks.now();
  expect(looked).toBeGreaterThan(before);
  await looks.stop();
});
