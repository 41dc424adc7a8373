import { describe, expect, it } from "vitest";
import { fuzz } from "../src/fuzz/fuzz.ts";
import { printCase } from "../src/fuzz/print.ts";

async function expectClean(firstSeed: number, count: number): Promise<void> {
  const { failure, cases } = await fuzz(firstSeed, count);
  const said = failure === undefined ? "" : printCase(failure.shrunk, failure.result);
  expect(said, `cases from seed ${firstSeed}`).toBe("");
  expect(cases).toBe(count);
}

describe("the rules of the journal hold", () => {
  it("for programs that are the same every time", () => expectClean(1, 6_000));

  it("for programs nobody has seen", () => {
    const seed = Date.now() % 1_000_000_000;
    console.log(`fresh seed ${seed}`);
    return expectClean(seed, 6_000);
  });
});
