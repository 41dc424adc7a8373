/** What an adapter for a framework is made of. */
export { countParts, type TextParts } from "../codec/index.ts";
export type { OpenScope, RetriedScope, StepInside, StepKind } from "../journal/index.ts";
export type { ProgramEnd } from "../run/attempt.ts";
export { type ContainerCall, container } from "../run/container.ts";
export { durableStep } from "../run/durable-step.ts";
export type { StepPolicy } from "../run/policies.ts";
export {
  currentRun,
  findRun,
  outsideRuns,
  type RunContext,
  type Slot,
} from "../run/run-context.ts";
export type { RunSpace, SpaceChange } from "../run/run-space.ts";
export {
  changeShared,
  readShared,
  type SharedChange,
  type SharedName,
} from "../run/shared-values.ts";
export type { StepCall, StepEffect } from "../run/step-call.ts";
export { type StreamCall, streamedStep } from "../run/streamed-step.ts";
export { markOfThisProcess } from "../runtime/stored-options.ts";
export type { Answer } from "../wait/answer.ts";
export {
  approveCall,
  type CallApproval,
  type ToolCall,
  toolPolicy,
} from "../wait/approve-call.ts";
export { ask, askOrLeave, type Question, withdraw } from "../wait/ask.ts";
export type {
  Adapter,
  Answering,
  AppCall,
  GivenAnswer,
  LiveStream,
  OpenQuestion,
  StateOfRun,
  StreamedCall,
} from "./adapter.ts";
export type { AppStructure, StructureEdge, StructureNode } from "./app-structure.ts";
export { intercept } from "./intercept.ts";
export { type Around, intercepted, isIntercepted, type Method } from "./intercepted.ts";
export { registerAdapter } from "./registry.ts";
