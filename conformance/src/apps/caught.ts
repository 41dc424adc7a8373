/** A step that fails, of which the app makes the best. */
import { step } from "@holdfast/core";
import type { Scenario } from "../crash/index.ts";

export const caught: Scenario = {
  name: "caught",
  run({ runtime, runId, effect }) {
    const app = async (_: null) => {
      const cause = await step("primary", async () => {
        await effect("primary");
        throw Object.assign(new RangeError("out of range"), { code: "E_RANGE" });
      }).catch((error: unknown) => error);
      const isSame = cause instanceof RangeError && "code" in cause && cause.code === "E_RANGE";
      const fallback = await step("fallback", async () => {
        await effect("fallback");
        return isSame ? "as it was thrown" : "something else";
      });
      return { fallback };
    };
    return runtime.run(app, null, { durable: { runId } });
  },
};
