/**
 * Two steps race. Who wins is open until somebody has; from the moment the medal is given, it is
 * decided for good.
 */
import { step } from "@holdfast/core";
import type { Scenario } from "../crash/index.ts";

export const race: Scenario = {
  name: "race",
  run({ runtime, runId, effect }) {
    const runner = (name: string, ms: number) =>
      step(name, async () => {
        await effect(name);
        await new Promise((resolve) => setTimeout(resolve, ms));
        return name;
      });
    const app = async (_: null) => {
      const slow = runner("tortoise", 12);
      const won = await Promise.race([runner("hare", 2), slow]);
      const medal = await step("medal", async () => {
        await effect("medal");
        return won;
      });
      await slow;
      return { isDecided: medal === won };
    };
    return runtime.run(app, null, { durable: { runId } });
  },
};
