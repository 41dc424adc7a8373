import { expect, it } from "vitest";
import { step } from "../../src/index.ts";
import { attempts } from "./attempts.ts";

const at = attempts();

it("no body begins while it is not certain that the run is still this worker's", async () => {
  const { promise: certain, resolve } = Promise.withResolvers<void>();
  let isCertain = true;
  const bodies: string[] = [];
  const program = async () => {
    await step("first", async () => bodies.push("first"));
    isCertain = false;
    await Promise.all([
      step("second", async () => bodies.push("second")),
      step("third", async () => bodies.push("third")),
    ]);
    return bodies.length;
  };
  const attempted = at.attempt(program, { certain: () => (isCertain ? undefined : certain) });
  await expect.poll(() => isCertain).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(bodies).toEqual(["first"]);
  resolve();
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
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(bodies).toBe(0);
  expect(await at.entries()).toEqual(["attempt"]);
  expect(await at.attempt(program)).toEqual({ is: "completed", output: 1 });
});
