import { LogLevel, setLogLevel } from "@google/adk";
import { agentTool } from "./agent-tool.ts";
import { choice } from "./choice.ts";
import { compaction } from "./compaction.ts";
import { confirmed, confirmedInSequence, refused } from "./confirmation.ts";
import { customAgent } from "./custom-agent.ts";
import { dynamicNodes } from "./dynamic-nodes.ts";
import { modelFailure, toolFailure } from "./failures.ts";
import { fanOut } from "./fan-out.ts";
import { longRunning } from "./long-running.ts";
import { loop } from "./loop.ts";
import { nodeTool } from "./node-tool.ts";
import { parallel } from "./parallel.ts";
import type { Scenario } from "./scenario.ts";
import { sequence, streamedSequence } from "./sequence.ts";
import { transferTree } from "./transfer-tree.ts";
import { workers } from "./workers.ts";
import { workflow } from "./workflow.ts";

// ADK writes to the console what it does, unless it is told not to.
setLogLevel(LogLevel.ERROR);

export const scenarios: readonly Scenario[] = [
  transferTree,
  sequence,
  streamedSequence,
  parallel,
  loop,
  agentTool,
  customAgent,
  compaction,
  workflow,
  fanOut,
  dynamicNodes,
  workers,
  nodeTool,
  toolFailure,
  modelFailure,
  confirmed,
  refused,
  confirmedInSequence,
  longRunning,
  choice,
];
