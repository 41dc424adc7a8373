export type { Adapter } from "./adapter/adapter.ts";
// As a whole, or adapters could not add their apps to `AppTypes`.
export * from "./adapter/app-types.ts";
export { type Pipe, pipe } from "./adapter/pipe.ts";
export { registerAdapter } from "./adapter/registry.ts";
export {
  type AesPayloadCipherOptions,
  aesPayloadCipher,
  type PayloadCipher,
  type PayloadKey,
  type SpaceCipher,
} from "./cipher/index.ts";
export {
  type Codec,
  type CodecExtension,
  type CodecOptions,
  createCodec,
  type Encoded,
  type EncodedParts,
  type Loss,
} from "./codec/index.ts";
export {
  ERROR_CODES,
  type ErrorCode,
  HoldfastError,
  type HoldfastErrorOptions,
} from "./errors/index.ts";
export { type Logger, silentLogger } from "./logger.ts";
export { type CurrentStep, currentStep } from "./run/current-step.ts";
export type { ApprovalPolicy, Policies, RetryPolicy, StepPolicy } from "./run/policies.ts";
export { type StepOptions, step } from "./run/step.ts";
export type { WaitReason, Why } from "./run/why.ts";
export type { RunEvent } from "./runtime/run-events.ts";
export type { Author, RunHandle } from "./runtime/run-handle.ts";
export type { DurableOptions, RunOptions } from "./runtime/run-options.ts";
export type { RunReport } from "./runtime/run-report.ts";
export type { Runs, RunsFilter } from "./runtime/runs.ts";
export { Runtime } from "./runtime/runtime.ts";
export type { RuntimeOptions } from "./runtime/runtime-options.ts";
export type { StepView } from "./runtime/step-view.ts";
export type { WaitView } from "./runtime/wait-view.ts";
export { sleep } from "./wait/sleep.ts";
export { type Approval, type ApprovalOptions, waitForApproval } from "./wait/wait-for-approval.ts";
export { type SignalOptions, waitForSignal } from "./wait/wait-for-signal.ts";
export type { ServeOptions } from "./worker/serve-options.ts";
export type { RebuildOptions, Servable, ServedApp, ServedRun } from "./worker/served-apps.ts";
export type { QueueLimit } from "./worker/serving.ts";
export type { DrainOptions, Worker } from "./worker/worker.ts";
