import fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import { allAtOnce } from "./all-at-once.ts";
import type { Processes } from "./describe-store.ts";
import { oneByOne } from "./one-by-one.ts";
import { step, Workers } from "./program.ts";

export function describePrograms(given: () => Processes, numRuns: number): void {
  describe("random programs over four processes", () => {
    let workers: Workers;
    beforeAll(() => {
      workers = new Workers(given().stores);
    });
    afterAll(() => workers.leaveAll());

    it("come to what the plainest model comes to, step by step", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: "max" }), (steps) =>
          oneByOne(given().stores, workers, steps),
        ),
        { numRuns },
      );
    });

    it("leave journals without a hole or a late row, one winner a key and no rest of what was removed", async () => {
      const turn = fc.array(step, { minLength: 1, maxLength: 10, size: "max" });
      await fc.assert(
        fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 12, size: "max" }), (turns) =>
          allAtOnce(given().stores, workers, turns),
        ),
        { numRuns },
      );
    });
  });
}
