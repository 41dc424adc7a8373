/** The toolsets of an agent and all agents below it: what ADK's runner closes when a run ends. */
import {
  type BaseAgent,
  type BaseToolset,
  isBaseAgent,
  isBaseToolset,
  isLlmAgent,
} from "@google/adk";

export function toolsetsOf(app: unknown): ReadonlySet<BaseToolset> {
  return new Set(isBaseAgent(app) ? [app, ...agentsBelow(app)].flatMap(ownToolsets) : []);
}

function agentsBelow({ subAgents }: BaseAgent): readonly BaseAgent[] {
  return subAgents.flatMap((agent) => [agent, ...agentsBelow(agent)]);
}

function ownToolsets(agent: BaseAgent): readonly BaseToolset[] {
  return isLlmAgent(agent) ? agent.tools.filter(isBaseToolset) : [];
}
