import { langchainAgent } from "./create-agent.ts";
import { deepAgent } from "./deep-agent.ts";
import { deferred } from "./deferred.ts";
import { errorHandler } from "./error-handler.ts";
import { failingCalls } from "./failing-calls.ts";
import { functional } from "./functional.ts";
import { functionalInGraph } from "./functional-in-graph.ts";
import { graphCycle } from "./graph-cycle.ts";
import { graphsInTools } from "./graphs-in-tools.ts";
import { interruptInNode } from "./interrupt-in-node.ts";
import { interruptInTool } from "./interrupt-in-tool.ts";
import { nestedSubgraphs } from "./nested-subgraphs.ts";
import { nodeLoop } from "./node-loop.ts";
import { nodeRetry } from "./node-retry.ts";
import { ownClass } from "./own-class.ts";
import { parallelChains } from "./parallel-chains.ts";
import { reactAgent } from "./react-agent.ts";
import { reactAgentV1 } from "./react-agent-v1.ts";
import { retriedSubgraph } from "./retried-subgraph.ts";
import type { Scenario } from "./scenario.ts";
import { sendFanOut } from "./send-fan-out.ts";
import { subgraph } from "./subgraph.ts";
import { supervisor } from "./supervisor.ts";
import { swarm } from "./swarm.ts";
import { values } from "./values.ts";

export const scenarios: readonly Scenario[] = [
  reactAgent,
  reactAgentV1,
  langchainAgent,
  nodeLoop,
  graphCycle,
  deferred,
  values,
  ownClass,
  sendFanOut,
  subgraph,
  nestedSubgraphs,
  parallelChains,
  nodeRetry,
  errorHandler,
  failingCalls,
  retriedSubgraph,
  interruptInTool,
  interruptInNode,
  supervisor,
  swarm,
  deepAgent,
  functional,
  functionalInGraph,
  graphsInTools,
];
