import { LlmAgent } from "@google/adk";
import { type Answer, FakeLlm, responses } from "./fake-llm.ts";
import { fakeTool } from "./fake-tool.ts";
import type { Scenario } from "./scenario.ts";

const transferTo = (agentName: string): Answer => [
  { name: "transfer_to_agent", args: { agentName } },
];

/** Three levels down, across to a peer, and back up to the one that began, each with a tool of its own. */
export const transferLevels: Scenario = {
  name: "transfer-levels",
  build: (effect) => {
    const agent = (name: string, then: Answer, subAgents: LlmAgent[] = []) =>
      new LlmAgent({
        name,
        description: `The agent ${name}.`,
        model: new FakeLlm(effect, name, (request) => {
          const isBack = JSON.stringify(request.contents).includes("did peer");
          if (name === "top" && isBack) return "all is done";
          const hasLooked = JSON.stringify(responses(request, `look_${name}`)).includes(name);
          return hasLooked || said(request.contents, name)
            ? then
            : [{ name: `look_${name}`, args: { q: `did ${name}` } }];
        }),
        tools: [fakeTool(effect, `look_${name}`)],
        subAgents,
      });
    const low = agent("low", transferTo("peer"));
    const peer = agent("peer", transferTo("middle"));
    const middle = new LlmAgent({
      name: "middle",
      description: "The agent middle.",
      model: new FakeLlm(effect, "middle", (request) =>
        transferTo(JSON.stringify(request.contents).includes("did peer") ? "top" : "low"),
      ),
      subAgents: [low, peer],
    });
    return { app: agent("top", transferTo("middle"), [middle]), input: "Go down." };
  },
};

/** Others are told of a call as a text. */
function said(contents: unknown, name: string): boolean {
  return JSON.stringify(contents).includes(`did ${name}`);
}
