export type { Body, BodyOutcome } from "./body-runner.ts";
export type { Divergence, Inputs, RecordedStep } from "./contradiction.ts";
export { explainDivergence } from "./divergence.ts";
export {
  type ContradictedRequest,
  Execution,
  type ExecutionParts,
  type ExecutionReports,
  type RetriedScope,
} from "./execution.ts";
export { History } from "./history.ts";
export type { OpenScope } from "./open-scope.ts";
export { realTime, type Scheduler } from "./scheduler.ts";
export { currentScope, type Scope, type StepInside } from "./scope.ts";
export type { Doubt, Outcome, StepIdentity, StepKind, WaitKind } from "./step-record.ts";
export { StepRecord } from "./step-record.ts";
export type { StepRequest, StepResult, WaitRequest } from "./step-request.ts";
