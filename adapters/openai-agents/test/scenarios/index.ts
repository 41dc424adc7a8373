import { setTracingDisabled } from "@openai/agents";
import { approvals, streamedApprovals } from "./approvals.ts";
import { deepApprovals } from "./deep-approvals.ts";
import { endings } from "./endings.ts";
import { frontDesk } from "./front-desk.ts";
import { guarded } from "./guarded.ts";
import { janitor } from "./janitor.ts";
import { listeners } from "./listeners.ts";
import { mishaps } from "./mishaps.ts";
import { namedModels } from "./named-models.ts";
import { nestedRuns } from "./nested-runs.ts";
import { permissions } from "./permissions.ts";
import { research } from "./research.ts";
import type { Scenario } from "./scenario.ts";
import { timeLimits } from "./time-limits.ts";
import { streamedTravelDesk, travelDesk } from "./travel-desk.ts";
import { workshop } from "./workshop.ts";

// The SDK sends traces to OpenAI unless it is told not to.
setTracingDisabled(true);

export const scenarios: readonly Scenario[] = [
  travelDesk,
  streamedTravelDesk,
  approvals,
  streamedApprovals,
  nestedRuns,
  frontDesk,
  guarded,
  workshop,
  deepApprovals,
  janitor,
  mishaps,
  research,
  permissions,
  timeLimits,
  namedModels,
  listeners,
  ...endings,
];

/** Those of which the agent itself is run. By handle nobody decides for good. */
export const byTheAgent: readonly Scenario[] = scenarios.filter(
  ({ answers = [] }) => !answers.flatMap(Object.values).some((said) => said.startsWith("always")),
);

/** To these it makes no difference who runs them. */
const same: readonly Scenario[] = [
  mishaps,
  research,
  permissions,
  timeLimits,
  namedModels,
  listeners,
  ...endings,
];

/** Those that are run by plain code. */
export const byCode: readonly Scenario[] = scenarios.filter((scenario) => !same.includes(scenario));
