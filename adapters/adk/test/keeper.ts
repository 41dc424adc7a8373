// An agent that keeps artifacts and memories, and finds them.
import { LlmAgent } from "@google/adk";
import type { Runtime } from "@holdfast/core";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeLlm } from "./scenarios/fake-llm.ts";
import type { Effect } from "./scenarios/scenario.ts";

const quiet = async () => {};
export type Said = readonly [userId: string, sessionId: string, text: string];

/** Does what it is told to, and says what came of it. */
export function keeper(effect: Effect = quiet): LlmAgent {
  return new LlmAgent({
    name: "keeper",
    model: new FakeLlm(effect, "keeper", () => "done"),
    async beforeAgentCallback(context) {
      const text = context.userContent?.parts?.[0]?.text ?? "";
      const [verb = "", name = "", more = ""] = text.split(" ");
      const { artifactService, memoryService, session } = context.invocationContext;
      const does: Readonly<Record<string, () => Promise<unknown>>> = {
        save: () => context.saveArtifact(name, { text: more }),
        load: () => context.loadArtifact(name, more === "" ? undefined : Number(more)),
        list: () => artifactService!.listArtifactKeys(),
        versions: () => artifactService!.listVersions(name),
        delete: () => artifactService!.deleteArtifact(name),
        remember: () => memoryService!.addSessionToMemory(session),
        async search() {
          const { memories } = await context.searchMemory(name);
          return memories.map(({ content }) => content.parts?.[0]?.text);
        },
      };
      context.state.set("came", (await does[verb]!()) ?? "nothing");
      return undefined;
    },
  });
}

export async function turn(
  runtime: Runtime,
  [userId, sessionId, text]: Said,
  runId?: string,
  app: LlmAgent = keeper(),
): Promise<unknown> {
  const durable = runId === undefined ? {} : { durable: { runId } };
  const { state } = await runtime.run(app, text, { userId, sessionId, ...durable });
  return state.came;
}

/** Sessions of one user, one after the other. */
export const sharedArtifacts: Scenario = {
  name: "shared artifacts",
  async run({ runtime, runId, effect }) {
    const said: readonly Said[] = [
      ["ann", "1", "save user:note one"],
      ["ann", "2", "remember"],
      ["ann", "3", "save user:note two"],
      ["ann", "1", "versions user:note"],
      ["ann", "1", "search remember"],
    ];
    const came = [];
    for (const [nth, one] of said.entries()) {
      const app = nth === 2 ? keeper(effect) : keeper();
      came.push(await turn(runtime, one, nth === 2 ? runId : `${runId} ${nth}`, app));
    }
    return came;
  },
};
