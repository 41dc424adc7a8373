// A Runner with artifact and memory services of the user's own, which a callback and a tool call.
import {
  type Context,
  FunctionTool,
  InMemoryArtifactService,
  InMemoryMemoryService,
  InMemorySessionService,
  Runner,
} from "@google/adk";
import { z } from "zod";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import { caller } from "./caller.ts";
import { callerName, callsOnce } from "./calls-once.ts";
import { oneTurn } from "./one-turn.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** By whoever called. */
const calls = new Map<string, number>();
const callsOf = (name: string) => calls.get(name) ?? 0;

/** Each call is an effect, though the harness sees no step there: services are called outside of the run. */
export const userServices: Scenario = callsOnce(
  oneTurn("user-services", (effect) => {
    const called: Effect = (name) => {
      calls.set(callerName(), callsOf(callerName()) + 1);
      return effect(name);
    };
    return keeping(effect, called);
  }),
  ["store", "retrieval"],
  callsOf,
);

function keeping(effect: Effect, called: Effect): Runner {
  const keep = async (context: Context, name: string) => {
    const { memoryService, session } = context.invocationContext;
    await memoryService!.addSessionToMemory(session);
    return {
      version: await context.saveArtifact(name, { text: "kelp" }),
      loaded: (await context.loadArtifact(name))?.text,
      found: (await context.searchMemory(name)).memories.length,
    };
  };
  const tool = new FunctionTool({
    name: "keep",
    description: "Keeps.",
    parameters: z.object({}),
    execute: (_, context) => keep(context!, "tool"),
  });
  const agent = caller(effect, [tool], ["keep"], {
    beforeAgentCallback: async (context) => {
      context.state.set("kept", await keep(context, "callback"));
      return undefined;
    },
  });
  return new Runner({
    agent,
    appName: "user-services",
    sessionService: new InMemorySessionService(),
    artifactService: new Artifacts(called),
    memoryService: new Memory(called),
  });
}

class Artifacts extends InMemoryArtifactService {
  readonly #effect: Effect;

  constructor(effect: Effect) {
    super();
    this.#effect = effect;
  }

  override async saveArtifact({ filename }: { readonly filename: string }): Promise<number> {
    await this.#effect(`save ${filename}`);
    return 7;
  }

  override async loadArtifact({ filename }: { readonly filename: string }) {
    await this.#effect(`load ${filename}`);
    return { text: "kelp, as it is kept" };
  }
}

class Memory extends InMemoryMemoryService {
  readonly #effect: Effect;

  constructor(effect: Effect) {
    super();
    this.#effect = effect;
  }

  override async addSessionToMemory({ events }: { readonly events: readonly unknown[] }) {
    await this.#effect(`remember ${events.length}`);
  }

  override async searchMemory({ query }: { readonly query: string }) {
    await this.#effect(`search ${query}`);
    const content = { role: "user", parts: [{ text: query }] };
    return { memories: [{ content }] };
  }
}
