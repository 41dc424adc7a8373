/** A step that never runs twice by itself: of one in doubt a person says how it ended. */
import { step } from "@holdfast/core";
import type { Scenario } from "../crash/index.ts";

export const once: Scenario = {
  name: "once",
  once: ["charge"],
  run({ runtime, runId, effect }) {
    const app = async (_: null) => {
      await step("before", () => effect("before"));
      const receipt = await step(
        "charge",
        async () => {
          await effect("charge");
          return "receipt 1";
        },
        { inDoubt: "once" },
      );
      await step("after", () => effect("after"));
      return receipt;
    };
    return runtime.run(app, null, { durable: { runId } });
  },
  // Looks at the books, as a person would.
  async answer({ kind, body }, { handle, happened }) {
    if (kind !== "doubt") return;
    const { step: seq } = JSON.parse(body!) as { readonly step: number };
    const isDone = await happened("charge");
    await handle.settle(seq, isDone ? { result: "receipt 1" } : "retry", { by: "bo" });
  },
};
