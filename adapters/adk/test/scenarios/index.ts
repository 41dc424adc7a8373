import { agentTool } from "./agent-tool.ts";
import { choice } from "./choice.ts";
import { commonjs } from "./commonjs.ts";
import { compaction } from "./compaction.ts";
import {
  confirmed,
  confirmedInAgentTool,
  confirmedInBoth,
  confirmedInParallel,
  confirmedInSequence,
  refused,
} from "./confirmation.ts";
import { confirmedWithin } from "./confirmed-within.ts";
import { customAgent } from "./custom-agent.ts";
import { dynamicNodes } from "./dynamic-nodes.ts";
import { modelFailure, toolFailure } from "./failures.ts";
import { fanOut } from "./fan-out.ts";
import { kept } from "./kept.ts";
import { longRunning } from "./long-running.ts";
import { loop } from "./loop.ts";
import { loopLimit } from "./loop-limit.ts";
import { nodeTool } from "./node-tool.ts";
import { parallel } from "./parallel.ts";
import { routedAgent, routedLlm } from "./routed.ts";
import type { Scenario } from "./scenario.ts";
import { sequence, streamedSequence } from "./sequence.ts";
import { sharedAgentTool } from "./shared-agent-tool.ts";
import { streamedCall } from "./streamed-call.ts";
import { transferLevels } from "./transfer-levels.ts";
import { transferTree } from "./transfer-tree.ts";
import { workers } from "./workers.ts";
import { workflow } from "./workflow.ts";

export const scenarios: readonly Scenario[] = [
  transferTree,
  transferLevels,
  sequence,
  streamedSequence,
  streamedCall,
  parallel,
  loop,
  loopLimit,
  agentTool,
  sharedAgentTool,
  customAgent,
  compaction,
  workflow,
  fanOut,
  dynamicNodes,
  workers,
  nodeTool,
  kept,
  routedLlm,
  routedAgent,
  commonjs,
  toolFailure,
  modelFailure,
  confirmed,
  refused,
  confirmedInSequence,
  confirmedInParallel,
  confirmedInBoth,
  confirmedInAgentTool,
  confirmedWithin,
  longRunning,
  choice,
];
