/** Three apps as one, each given what the one before it returned. */
import { pipe, step } from "@holdfast/core";
import type { Scenario } from "../crash/index.ts";

export const pipeline: Scenario = {
  name: "pipeline",
  run({ runtime, runId, effect }) {
    const stage = (name: string, change: (text: string) => string) => async (text: string) => {
      const read = await step("read", async () => {
        await effect(`${name} reads`);
        return change(text);
      });
      return step("write", async () => {
        await effect(`${name} writes`);
        return `${read}.`;
      });
    };
    const app = pipe(
      stage("first", (text) => text.toUpperCase()),
      stage("second", (text) => text.split("").reverse().join("")),
      stage("third", (text) => `${text}!`),
    );
    return runtime.run(app, "ebb", { durable: { runId } });
  },
};
