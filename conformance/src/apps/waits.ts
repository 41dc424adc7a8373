/** Waits for a person, for another program and for time, with steps in between. */
import { sleep, step, waitForApproval, waitForSignal } from "@holdfast/core";
import type { Scenario } from "../crash/index.ts";

export const waits: Scenario = {
  name: "waits",
  run({ runtime, runId, effect }) {
    const refund = async (amount: number) => {
      await step("reserve", () => effect("reserve"));
      const { approved, by, args } = await waitForApproval("refund", { show: { amount } });
      const rate = await waitForSignal<number>("rate");
      await sleep(5);
      const second = await waitForSignal<number>("rate");
      await step("pay", () => effect("pay"));
      return { approved, by, args, rate, second };
    };
    return runtime.run(refund, 42, { durable: { runId } });
  },
  async answer({ kind, seq }, { handle }) {
    if (kind === "approval") await handle.approve(seq, { by: "ana", args: { amount: 40 } });
    if (kind !== "signal") return;
    // Both at once, and told again at the second wait: each counts once.
    await handle.signal("rate", 1, { key: "first" });
    await handle.signal("rate", 2, { key: "second" });
  },
};
