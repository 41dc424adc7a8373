/**
 * Guardrails as steps: what one said is not asked again. They are found in the user's own objects:
 * around the function of each stands one that outside a run does nothing.
 */
import { findRun, intercept, type RunContext } from "@holdfast/core/adapter";
import type { RunContext as SdkContext } from "@openai/agents";
import { belongsTo, currentAgentRun } from "./agent-run.ts";
import type { AnyAgent } from "./app.ts";
import { ContextEffect } from "./context-effect.ts";
import { liveStep } from "./live-step.ts";

interface Named {
  readonly name: string;
}

interface Given {
  readonly agent: AnyAgent;
  readonly input?: unknown;
  readonly agentOutput?: unknown;
  readonly context: SdkContext<unknown>;
}

/** What the SDK makes of a guardrail: of a runner's, when the runner is made. */
interface Defined extends Named {
  readonly type: "input" | "output";
}

interface Defining {
  readonly inputGuardrailDefs?: readonly object[];
  readonly outputGuardrailDefs?: readonly object[];
}

export function interceptGuardrails(agent: AnyAgent): void {
  for (const guardrail of [...agent.inputGuardrails, ...agent.outputGuardrails]) {
    const { name } = guardrail;
    // The SDK calls it as a function: it is told nothing of the guardrail it is of.
    const isDurable =
      ownsExecute(guardrail) &&
      intercept<unknown, [Given], Promise<unknown>>(
        guardrail,
        "execute",
        ({ run, original }, given) =>
          guardrailStep(run, { name, ...given, body: () => original(given) }),
      );
    if (!isDurable) {
      findRun()?.reportEscaped(`the guardrail "${name}", whose object cannot be changed`);
    }
  }
}

/** Whether the object has a function of its own to replace. It is given one if that is its class's. */
function ownsExecute(guardrail: { readonly execute: unknown }): boolean {
  if (Object.hasOwn(guardrail, "execute")) return !Object.isFrozen(guardrail);
  const { execute: value } = guardrail;
  return Reflect.defineProperty(guardrail, "execute", {
    value,
    writable: true,
    configurable: true,
  });
}

export function interceptRunnersGuardrails(runner: object): void {
  const { inputGuardrailDefs = [], outputGuardrailDefs = [] } = runner as Defining;
  for (const defined of [...inputGuardrailDefs, ...outputGuardrailDefs]) {
    intercept<Defined, [Given], Promise<{ readonly output: unknown }>>(
      defined,
      "run",
      async ({ run, target: { type, name }, original }, given) => {
        const body = async () => (await original(given)).output;
        const output = await guardrailStep(run, { name, ...given, body });
        const { agent, agentOutput } = given;
        const about = type === "output" ? { agent, agentOutput } : {};
        return { guardrail: { type, name }, ...about, output };
      },
    );
  }
}

interface GuardrailCall extends Named {
  readonly input?: unknown;
  readonly agentOutput?: unknown;
  readonly context: SdkContext<unknown>;
  readonly callId?: string | undefined;
  body(): Promise<unknown>;
}

export function guardrailStep<T>(
  run: RunContext,
  { name, input, agentOutput, context, callId, body }: GuardrailCall,
): Promise<T> {
  const effect = new ContextEffect(context, run.codec);
  const checked = input === undefined ? agentOutput : input;
  const step = () =>
    liveStep(run, {
      kind: "guardrail",
      name,
      callId,
      input: Array.isArray(checked) ? checked : [checked],
      effect,
      body() {
        belongsTo("none");
        effect.begin();
        return body();
      },
    });
  return (currentAgentRun()?.inTurn(step) ?? step()) as Promise<T>;
}
