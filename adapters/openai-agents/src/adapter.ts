/**
 * OpenAI Agents under Holdfast. The agent runs on the SDK's own loop. What makes it durable: model
 * calls, tools, handoffs, guardrails and what sessions are asked are steps, turns and nested runs are
 * scopes, and approvals are questions of the run. Invariant: the agent, its tools, its runner and its
 * session are not changed.
 */
import type { Adapter, AppCall, ProgramEnd } from "@holdfast/core/adapter";
import type { RunResult, Session } from "@openai/agents";
import { AgentRun, belongsTo, type State } from "./agent-run.ts";
import { answersIn } from "./answers.ts";
import { type AnyAgent, agentAppOf, refuseRunner } from "./app.ts";
import { Approvals } from "./approvals.ts";
import { openaiAgentsCodec } from "./codec.ts";
import { install } from "./install.ts";
import { NewEvents } from "./new-events.ts";
import { refuseUnsupported } from "./refuse.ts";
import { RunSession } from "./run-session.ts";
import { copyOf } from "./sdk.ts";
import { type Piece, type Streamed, streamOf } from "./stream.ts";
import { SUPPORTED } from "./supported.ts";
import { threadOf } from "./thread.ts";

export const openaiAgentsAdapter: Adapter = {
  name: "openai-agents",
  supported: SUPPORTED,
  codec: openaiAgentsCodec,
  recognises(app) {
    refuseRunner(app);
    return agentAppOf(app) !== undefined;
  },
  nameOf: (app) => agentAppOf(app)!.agent.name,
  // A result is the SDK's own state, with the user's agents and context in it.
  replays: true,
  install(app) {
    const { agent } = agentAppOf(app)!;
    const copy = copyOf(agent);
    refuseUnsupported(agent, copy);
    install(copy);
  },
  threadOf,
  answersIn,
  answersApprovals: true,
  execute: (call) => go(call),
  stream: ({ emit, ...call }) => go(call, emit),
  streamOf,
};

/** In turns of the SDK's: from the input, then from each stop at which something was decided. */
async function go(call: AppCall, emit?: (piece: Piece) => void): Promise<ProgramEnd> {
  const { input, options, run } = call;
  const { signal } = (options ?? {}) as { readonly signal?: AbortSignal };
  const approvals = new Approvals(run);
  const events = emit && new NewEvents(run, (event) => emit({ is: "event", event }));
  const start = starting(call, emit !== undefined);
  let from = input as string | State;
  for (;;) {
    const agentRun = new AgentRun(run, events);
    belongsTo(agentRun);
    const output = await start(from);
    if (emit !== undefined) {
      emit({ is: "begun", result: output as Streamed });
      await agentRun.streamed;
    }
    const { interruptions, state } = output;
    if (interruptions.length === 0) {
      // To the SDK, a stream that its caller aborts just ends. The run is to be gone on with.
      if (emit !== undefined && !isFinal(state)) signal?.throwIfAborted();
      return { is: "ended", output, stored: { finalOutput: output.finalOutput } };
    }
    if (!(await approvals.decide(state, interruptions))) return { is: "left", output };
    events?.forget();
    from = state;
  }
}

function isFinal({ _currentStep }: State): boolean {
  return _currentStep?.type === "next_step_final_output";
}

type Output = RunResult<unknown, AnyAgent> | Streamed;

/** The SDK's own call, on the runner that the user gave or the one that it has itself. */
function starting(
  { app, options, run }: AppCall,
  stream: boolean,
): (from: string | State) => Promise<Output> {
  const { agent, runner } = agentAppOf(app)!;
  const copy = copyOf(agent);
  const { session, ...own } = (options ?? {}) as { readonly session?: Session | string };
  const kept = typeof session === "string" ? new RunSession(run, session, copy) : session;
  const given = { ...own, ...(kept === undefined ? {} : { session: kept }), stream };
  const { run: call } = runner ?? copy.agents;
  return (from) => Reflect.apply(call, runner, [agent, from, given]) as Promise<Output>;
}
