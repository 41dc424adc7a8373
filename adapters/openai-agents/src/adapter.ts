/**
 * OpenAI Agents under Holdfast. The agent runs on the SDK's own loop. What makes it durable: model
 * calls, tools and handoffs are steps, turns and nested runs are scopes, and approvals are questions of
 * the run. Invariant: the agent, its tools and its runner are not changed.
 */
import type { Adapter, AppCall, ProgramEnd } from "@holdfast/core/adapter";
import type { RunResult } from "@openai/agents";
import { AgentRun, belongsTo, type State } from "./agent-run.ts";
import { type AnyAgent, agentAppOf } from "./app.ts";
import { Approvals } from "./approvals.ts";
import { openaiAgentsCodec } from "./codec.ts";
import { install } from "./install.ts";
import { copyOf } from "./sdk.ts";
import { SUPPORTED } from "./supported.ts";

export const openaiAgentsAdapter: Adapter = {
  name: "openai-agents",
  supported: SUPPORTED,
  codec: openaiAgentsCodec,
  recognises: (app) => agentAppOf(app) !== undefined,
  nameOf: (app) => agentAppOf(app)!.agent.name,
  // A result is the SDK's own state, with the user's agents and context in it.
  replays: true,
  install: (app) => install(copyOf(agentAppOf(app)!.agent)),
  execute,
};

async function execute({ app, input, options, run }: AppCall): Promise<ProgramEnd> {
  const { agent, runner } = agentAppOf(app)!;
  const { agents } = copyOf(agent);
  const approvals = new Approvals(run);
  let from = input as string | State;
  for (;;) {
    belongsTo(new AgentRun(run));
    const given = { ...(options as object | undefined), stream: false } as const;
    const output: RunResult<unknown, AnyAgent> = await (runner === undefined
      ? agents.run(agent, from, given)
      : runner.run(agent, from, given));
    if (output.interruptions.length === 0) {
      return { is: "ended", output, stored: { finalOutput: output.finalOutput } };
    }
    if (!(await approvals.decide(output.state, output.interruptions))) {
      return { is: "left", output };
    }
    from = output.state;
  }
}
