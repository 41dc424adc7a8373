/** Code of a model's that an agent has executed is a step: what it printed, and the files it made. */
import {
  type BaseCodeExecutor,
  type CodeExecutionResult,
  type ExecuteCodeParams,
  isBaseAgent,
  type LlmAgent,
} from "@google/adk";
import { durableStep } from "@holdfast/core/adapter";
import { intercept } from "./intercept.ts";

export function interceptCodeExecutor({ codeExecutor }: LlmAgent): void {
  if (codeExecutor === undefined) return;
  intercept<BaseCodeExecutor, [ExecuteCodeParams], Promise<CodeExecutionResult>>(
    codeExecutor,
    "executeCode",
    ({ run, original }, request) => {
      const { agent } = request.invocationContext;
      const name = isBaseAgent(agent) ? agent.name : "code";
      const policy = run.policies.tools?.[name];
      return durableStep(run, {
        kind: "code",
        name,
        input: [request.codeExecutionInput],
        ...(policy === undefined ? {} : { policy }),
        body: () => original(request),
      });
    },
  );
}
