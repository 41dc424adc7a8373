/**
 * Serves "holding": a run that is in the middle of its second step until it is told to go on, or until
 * another worker takes it over, whose second step ends at once.
 */
import { currentStep, Runtime, silentLogger, step } from "@holdfast/core";
import { say } from "./say.ts";

let released = Promise.withResolvers<void>();
process.on("message", () => {
  released.resolve();
  released = Promise.withResolvers();
});

async function holding(_: null): Promise<void> {
  let isFirst = false;
  await step("begin", async () => {
    isFirst = true;
  });
  await step("hold", () => {
    if (!isFirst) return Promise.resolve();
    say({ is: "holding", runId: currentStep().runId });
    return released.promise;
  });
}

const logger = {
  ...silentLogger,
  info(_: string, { why }: Readonly<Record<string, unknown>> = {}) {
    if (typeof why === "string") say({ is: "found dead", why });
  },
};
const runtime = new Runtime({ logger });
await runtime.serve({ holding });
process.once("disconnect", () => runtime.close({ grace: 0 }));
say({ is: "ready" });
