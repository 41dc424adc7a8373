/** A run that fails, and is told to go on: the step that ended it runs again, nothing else does. */
import { HoldfastError, step } from "@holdfast/core";
import type { Scenario } from "../crash/index.ts";

export const retriedRun: Scenario = {
  name: "retried run",
  async run({ runtime, runId, effect, happened }) {
    const app = async (_: null) => {
      await step("before", () => effect("before"));
      const carried = await step("carry", async () => {
        // Mended between the first failure and the retry.
        const state = happened("mended") ? "mended" : "broken";
        await effect(`carry, ${state}`);
        if (state === "broken") throw new Error("The bridge is broken.");
        return "carried";
      });
      await step("after", () => effect("after"));
      return carried;
    };
    const run = () => runtime.run(app, null, { durable: { runId } });
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Error) || error.message !== "The bridge is broken.") throw error;
    }
    if (!happened("mended")) await effect("mended");
    await runtime
      .handle(runId)
      .retry()
      .catch((error: unknown) => {
        if (!HoldfastError.is(error, "RUN_NOT_FAILED")) throw error;
      });
    return run();
  },
};
