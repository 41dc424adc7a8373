/**
 * What an MCP server offers, as a step: the server may be gone when a run is taken up. Calls of its tools
 * are steps as those of every tool. Invariant: the SDK asks in every turn, so a list that has not changed
 * is not recorded again; one that is to be cached is asked for once in a run of an agent.
 */
import { isDeepStrictEqual } from "node:util";
import { intercept } from "@holdfast/core/adapter";
import type { MCPServer } from "@openai/agents";
import { currentAgentRun } from "./agent-run.ts";
import type { AnyAgent } from "./app.ts";
import { liveStep } from "./live-step.ts";
import { ownerOf } from "./owner-of.ts";
import type { SdkCopy } from "./sdk.ts";

type Tools = Awaited<ReturnType<MCPServer["listTools"]>>;

const UNCHANGED = "unchanged";

/** To be done in every turn: whether the SDK asks must not depend on what this process asked before. */
export async function interceptMcpServers(
  { mcpServers }: AnyAgent,
  { agents }: SdkCopy,
): Promise<void> {
  for (const server of mcpServers) {
    const owner = ownerOf(server, "listTools");
    if (owner !== undefined) interceptList(owner);
    await agents.invalidateServerToolsCache(server.name);
  }
}

function interceptList(owner: object): void {
  intercept<MCPServer, [], Promise<Tools>>(
    owner,
    "listTools",
    async ({ run, target, original }) => {
      if (run.inside?.kind === "mcp") return original();
      const agentRun = currentAgentRun();
      const known = agentRun?.offers.get(target) as Tools | undefined;
      if (target.cacheToolsList && known !== undefined) return known;
      const list = () =>
        liveStep<Tools | typeof UNCHANGED>(run, {
          kind: "mcp",
          name: `${target.name} listTools`,
          async body() {
            const tools = await original();
            return isDeepStrictEqual(tools, known) ? UNCHANGED : tools;
          },
        });
      const listed = await (agentRun === undefined ? list() : agentRun.inTurn(list));
      const tools = listed === UNCHANGED ? known! : listed;
      agentRun?.offers.set(target, tools);
      return tools;
    },
  );
}
