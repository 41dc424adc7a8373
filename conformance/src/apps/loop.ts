/** Steps of one name in a loop, with nothing that tells them apart but their order. */
import { step } from "@holdfast/core";
import type { Scenario } from "../crash/index.ts";

export const loop: Scenario = {
  name: "loop",
  run({ runtime, runId, effect }) {
    const app = async (rounds: number) => {
      let total = 0;
      for (let round = 1; round <= rounds; round += 1) {
        total += await step("round", async () => {
          await effect(`round ${round}`);
          return 10 ** round;
        });
      }
      return total;
    };
    return runtime.run(app, 4, { durable: { runId } });
  },
};
