/** Steps that are tried again: one fails twice, after a step inside it; one takes too long once. */
import { currentStep, step } from "@holdfast/core";
import type { Scenario } from "../crash/index.ts";

export const retries: Scenario = {
  name: "retries",
  run({ runtime, runId, effect }) {
    const app = async (_: null) => {
      const flaky = await step(
        "flaky",
        async () => {
          const nth = currentStep().try;
          await step("inside", () => effect(`inside flaky, try ${nth}`));
          await effect(`flaky, try ${nth}`);
          if (nth < 3) throw new Error(`flaky, try ${nth}`);
          return nth;
        },
        { retries: { times: 3, delay: 1 } },
      );
      const slow = await step(
        "slow",
        async () => {
          const nth = currentStep().try;
          await effect(`slow, try ${nth}`);
          if (nth < 2) await new Promise(() => {});
          return nth;
        },
        { retries: { times: 1, delay: 1 }, timeout: 80 },
      );
      return { flaky, slow };
    };
    return runtime.run(app, null, { durable: { runId } });
  },
};
