/**
 * Runs a LangGraph app without Holdfast, as often as it is told, in a process that has run it durably
 * before, or in one that never had the adapter.
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
  say({ is: "sampled", sample: await graph.sample(Number(ms)) });
});
say({ is: "ready" });
