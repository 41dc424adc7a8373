// An app of which a try of a node takes too long, and is given up.
import { END, type LangGraphRunnableConfig, START, StateGraph } from "@langchain/langgraph";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import type { Effect } from "./scenarios/scenario.ts";
import { listening, Slow } from "./slow.ts";

/** Its first try takes a step, and then too long. */
export function timedOut(effect: Effect, timeout: number): DurableApp {
  const search = fakeTool(effect, "search");
  const node = async (_state: typeof Lines.State, config: LangGraphRunnableConfig) => {
    const { nodeAttempt = 1 } = config.executionInfo ?? {};
    const found = await search.invoke({ q: `in try ${nodeAttempt}` });
    if (nodeAttempt === 1) await new Slow(listening).invoke("hang", config);
    return { lines: [found] };
  };
  const retryPolicy = { maxAttempts: 2, initialInterval: 1, jitter: false, logWarning: false };
  return new StateGraph(Lines)
    .addNode("node", node, { retryPolicy, timeout })
    .addEdge(START, "node")
    .addEdge("node", END)
    .compile();
}

export function timedOutNode(timeout: number): CrashScenario {
  return {
    name: "timed-out-node",
    run: ({ runtime, runId, effect }) =>
      runtime.run(timedOut(effect, timeout), {}, { durable: { runId } }),
  };
}
