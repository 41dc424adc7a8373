/**
 * Runs a LangGraph app without Holdfast, as often as it is told, in a process that has run it durably
 * before, or in one that never had the adapter. Nothing in it waits, so a second is one of this process.
 */
import { Runtime } from "@holdfast/core";
import { asking, supersteps } from "../workloads/graph-supersteps.ts";
import { bare, durably } from "../workloads/langgraph-app.ts";
import { say } from "./say.ts";

if (process.env.HOLDFAST_BENCH_ADAPTER !== undefined) {
  await import(process.env.HOLDFAST_BENCH_ADAPTER);
  const runtime = new Runtime();
  await supersteps({ name: "before", work: asking, invoke: durably(runtime) }).sample(100);
  await runtime.close();
}
const graph = supersteps({ name: "bare", work: asking, invoke: bare });
process.on("message", async (ms) => {
  const began = performance.now();
  const before = process.cpuUsage();
  const sample = await graph.sample(Number(ms));
  const { user, system } = process.cpuUsage(before);
  const busy = (user + system) / 1000 / (performance.now() - began);
  say({ is: "sampled", sample: { ...sample, rate: sample.rate / busy } });
});
say({ is: "ready" });
