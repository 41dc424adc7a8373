/**
 * Every `Runner.run` inside a durable run. The one that this adapter or an agent-as-tool makes has its
 * scope already. Any other, `run()` in the body of a tool or in a plain function, is told from its like
 * by what it is given: two that run side by side may begin in another order after a crash.
 */
import { container, intercept, outsideRuns, type RunContext } from "@holdfast/core/adapter";
import type {
  AgentInputItem,
  Model,
  ModelProvider,
  RunResult,
  RunStreamEvent,
  Session,
} from "@openai/agents";
import { AgentRun, belongsTo, currentAgentRun, type State } from "./agent-run.ts";
import type { AnyAgent } from "./app.ts";
import { interceptGuardrails, interceptRunnersGuardrails } from "./guardrail-step.ts";
import { interceptAgent } from "./intercept-agent.ts";
import { divergeForLostCall } from "./lost-call.ts";
import { interceptModel, interceptProvider } from "./model-step.ts";
import { whyUnsupported } from "./refuse.ts";
import { notAsTested, type SdkCopy } from "./sdk.ts";
import { durableSession } from "./session-step.ts";

type Result = RunResult<unknown, AnyAgent> & { readonly completed?: Promise<void> };
type RunArgs = [
  agent: AnyAgent,
  input: string | AgentInputItem[] | State,
  options: { readonly session?: Session } | undefined,
];

interface Configured {
  readonly config: {
    readonly modelProvider: ModelProvider;
    readonly model?: string | Model;
  };
}

export function interceptRunner(copy: SdkCopy): void {
  const { Runner, RunState, StreamedRunResult } = copy.agents;
  const isThere =
    intercept<Configured, RunArgs, Promise<Result>>(
      Runner.prototype,
      "run",
      async ({ run, target, original }, agent, input, options) => {
        const unsupported = whyUnsupported(agent, copy);
        if (unsupported !== undefined) {
          if (run.inside === undefined) throw unsupported;
          return outsideRuns(() => original(agent, input, options));
        }
        const { config } = target;
        interceptProvider(config.modelProvider);
        interceptModel(config.model);
        interceptRunnersGuardrails(target);
        const first = isState(input) ? input._currentAgent : agent;
        interceptAgent(first, copy);
        interceptGuardrails(first);
        const args: RunArgs = [agent, input, withDurableSession(options)];
        const prepared = currentAgentRun();
        if (prepared === undefined || prepared.begun) return nested(run, args, original);
        return begin(run, prepared, () => original(...args));
      },
    ) &&
    // Called when a run begins, streamed or not, and nowhere else.
    intercept<State, [policy: never], void>(
      RunState.prototype,
      "setReasoningItemIdPolicy",
      ({ target, original }, policy) => {
        currentAgentRun()?.adopt(target);
        original(policy);
      },
    ) &&
    // Where the loop of a streamed run hands its events over.
    intercept<object, [event: RunStreamEvent], void>(
      StreamedRunResult.prototype,
      "_addItem",
      ({ original }, event) => {
        const agentRun = currentAgentRun();
        if (agentRun?.events === undefined) original(event);
        else agentRun.events.tell(event, agentRun.turn);
      },
    );
  const isFed = ["_done", "_raiseError"].every((name) => name in StreamedRunResult.prototype);
  if (!isThere || !isFed) {
    throw notAsTested(
      "Runner.run, RunState.setReasoningItemIdPolicy or how a StreamedRunResult is fed",
    );
  }
}

function withDurableSession(options: RunArgs[2]): RunArgs[2] {
  return options?.session === undefined
    ? options
    : { ...options, session: durableSession(options.session) };
}

/** A streamed run is over when its stream is. */
async function begin(
  run: RunContext,
  agentRun: AgentRun,
  call: () => Promise<Result>,
): Promise<Result> {
  agentRun.begun = true;
  const over = async <T>(running: Promise<T>): Promise<T> => {
    try {
      return await running;
    } catch (error) {
      await divergeForLostCall(run, agentRun, error);
      throw error;
    } finally {
      agentRun.close();
    }
  };
  const result = call();
  const { completed } = await result.catch(() => ({ completed: undefined }));
  if (completed === undefined) return over(result);
  agentRun.streamed = over(completed);
  agentRun.streamed.catch(() => {});
  return result;
}

/** Nothing can stand for what a run returns but the run itself. A streamed one is given at once. */
function nested(
  run: RunContext,
  args: RunArgs,
  call: (...args: RunArgs) => Promise<Result>,
): Promise<Result> {
  const { promise: streamed, resolve: stream } = Promise.withResolvers<Result>();
  const [{ name }, input] = args;
  const over = container(run, {
    kind: "node",
    name,
    identity: isState(input) ? { turn: input._currentTurn } : input,
    async body() {
      const agentRun = new AgentRun(run);
      belongsTo(agentRun);
      const result = await begin(run, agentRun, () => call(...args));
      if (result.completed !== undefined) {
        stream(result);
        await result.completed.catch(() => {});
      }
      return result;
    },
  });
  return Promise.race([streamed, over]);
}

function isState(input: RunArgs[1]): input is State {
  return typeof input === "object" && "_currentTurn" in input;
}
