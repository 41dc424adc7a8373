/** Steps one after another, each given what the one before it returned. */
import { step } from "@holdfast/core";
import type { Scenario } from "../crash/index.ts";

export const sequence: Scenario = {
  name: "sequence",
  run({ runtime, runId, effect }) {
    const order = async (item: string) => {
      const found = await step("find", async () => {
        await effect("find");
        return { item, at: new Date(0) };
      });
      const paid = await step("pay", async () => {
        await effect("pay");
        return `${found.item} paid at ${found.at.toISOString()}`;
      });
      return step("ship", async () => {
        await effect("ship");
        return `${paid}, shipped`;
      });
    };
    return runtime.run(order, "book", { durable: { runId } });
  },
};
