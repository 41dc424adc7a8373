export type { Divergence, Inputs, RecordedStep } from "./contradiction.ts";
export { explainDivergence } from "./divergence.ts";
export {
  Execution,
  type ExecutionParts,
  type ExecutionReports,
  type RetriedScope,
} from "./execution.ts";
export { History } from "./history.ts";
export { realTime, type Scheduler } from "./scheduler.ts";
export { currentScope, type Scope } from "./scope.ts";
export type { Outcome, StepIdentity, StepKind, StepRecord } from "./step-record.ts";
export type { StepRequest, StepResult } from "./step-request.ts";
