/** Waits that nobody answers: they fall due, in a branch beside one that goes on. */
import { HoldfastError, step, waitForApproval, waitForSignal } from "@holdfast/core";
import type { Scenario } from "../crash/index.ts";

export const expiry: Scenario = {
  name: "expiry",
  run({ runtime, runId, effect }) {
    const app = async (_: null) => {
      const [approval, signal] = await Promise.all([
        waitForApproval("nobody", { expires: 5 }),
        waitForSignal("never", { timeout: 8 }).catch((error: unknown) =>
          HoldfastError.is(error, "WAIT_EXPIRED") ? "expired" : "wrong",
        ),
        step("beside", () => effect("beside")),
      ]);
      await step("after", () => effect("after"));
      return { approved: approval.approved, note: approval.note, by: approval.by, signal };
    };
    return runtime.run(app, null, { durable: { runId } });
  },
};
