import { setTracingDisabled } from "@openai/agents";
import { approvals, streamedApprovals } from "./approvals.ts";
import { nestedRuns } from "./nested-runs.ts";
import type { Scenario } from "./scenario.ts";
import { streamedTravelDesk, travelDesk } from "./travel-desk.ts";

// The SDK sends traces to OpenAI unless it is told not to.
setTracingDisabled(true);

export const scenarios: readonly Scenario[] = [
  travelDesk,
  streamedTravelDesk,
  approvals,
  streamedApprovals,
  nestedRuns,
];
