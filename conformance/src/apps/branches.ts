/** Branches side by side, each a run of its own inside the run, with branches of its own. */
import { step } from "@holdfast/core";
import type { Scenario } from "../crash/index.ts";

export const branches: Scenario = {
  name: "branches",
  run({ runtime, runId, effect }) {
    const write = async (topic: string) => {
      const [facts, tone] = await Promise.all([
        step("facts", async () => {
          await effect(`facts on ${topic}`);
          return `facts on ${topic}`;
        }),
        step("tone", async () => {
          await effect(`tone for ${topic}`);
          return topic.length > 4 ? "grave" : "light";
        }),
      ]);
      return step("draft", async () => {
        await effect(`draft on ${topic}`);
        return `${tone}: ${facts}`;
      });
    };
    const report = async (topics: readonly string[]) => {
      const drafts = await Promise.all(
        topics.map((topic) => runtime.run(write, topic, { durable: { runId: topic } })),
      );
      return step("bind", async () => {
        await effect("bind");
        return drafts.join("; ");
      });
    };
    return runtime.run(report, ["tides", "kelp"], { durable: { runId } });
  },
};
