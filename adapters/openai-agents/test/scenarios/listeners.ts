import { Agent, type AgentHooks, Runner } from "@openai/agents";
import { FakeModel, results } from "./fake-model.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Notes, Scenario } from "./scenario.ts";

/** A runner, two agents and who listens to them, over a call and a handoff; the runner has a filter. */
export const listeners: Scenario = {
  name: "listeners",
  build: (effect) => {
    const heard: string[] = [];
    const back = new Agent<Notes>({
      name: "Back",
      model: new FakeModel(effect, "back", (request) =>
        results(request).has("back_1")
          ? `done, ${request.systemInstructions}`
          : [{ name: "look", args: { q: "here" }, id: "back_1" }],
      ),
      tools: [fakeTool(effect, "look")],
    });
    const front = new Agent<Notes>({
      name: "Front",
      model: new FakeModel(effect, "front", () => [
        { name: "transfer_to_Back", args: {}, id: "front_1" },
      ]),
      handoffs: [back],
    });
    const runner = new Runner({
      callModelInputFilter: ({ modelData, agent }) => {
        heard.push(`filter for ${agent.name}`);
        return { ...modelData, instructions: "as filtered" };
      },
    });
    for (const agent of [front, back])
      listen(agent, (said) => heard.push(`${agent.name}: ${said}`));
    runner.on("agent_start", (_, { name }) => heard.push(`runner: start of ${name}`));
    runner.on("agent_end", (_, { name }, output) => heard.push(`runner: ${name} said ${output}`));
    runner.on("agent_handoff", (_, from, to) => heard.push(`runner: ${from.name} to ${to.name}`));
    runner.on("agent_tool_start", (_, agent, { name }) =>
      heard.push(`runner: ${agent.name}, ${name}`),
    );
    runner.on("agent_tool_end", (_, agent, { name }, result) =>
      heard.push(`runner: ${agent.name}, ${name} gave ${result}`),
    );
    return { app: front, runner, input: "Hi.", options: { context: { notes: {} } }, heard };
  },
};

function listen(agent: AgentHooks<Notes>, tell: (said: string) => void): void {
  agent.on("agent_start", () => tell("start"));
  agent.on("agent_end", (_, output) => tell(`said ${output}`));
  agent.on("agent_handoff", (_, to) => tell(`to ${to.name}`));
  agent.on("agent_tool_start", (_, { name }) => tell(name));
  agent.on("agent_tool_end", (_, { name }, result) => tell(`${name} gave ${result}`));
}
