// Turns in a session as the crash harness takes them, and a session that is kept elsewhere.
import { Agent, type Session } from "@openai/agents";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { answer } from "./crash-scenario.ts";
import { FakeModel, results } from "./scenarios/fake-model.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import type { Effect, Notes } from "./scenarios/scenario.ts";

/** Looks something up, unless it is thanked. */
export function clerk(toTheWorld: Effect, needsApproval = false): Agent<Notes> {
  const model = new FakeModel(toTheWorld, "clerk", (request) => {
    const heard = Array.isArray(request.input) ? request.input : [];
    const last = JSON.stringify(heard.at(-1));
    if (last.includes("thanks")) return "any time";
    const id = `call_${heard.length}`;
    return last.includes("function_call_result")
      ? `heard ${heard.length} items, ${results(request).size} results`
      : [{ name: "look", args: { q: `${heard.length}` }, id }];
  });
  return new Agent({
    name: "Clerk",
    model,
    tools: [fakeTool(toTheWorld, "look", { needsApproval })],
  });
}

export const context = (): Notes => ({ notes: {} });

type InSession = (runId: string) => string | Session;

/** Two turns, each a run of its own, which a function has made one after the other. */
export function twoTurns(inSession: InSession): CrashScenario {
  return {
    name: "session",
    async run({ runtime, runId, effect }) {
      const session = inSession(runId);
      const turn = async (input: string) => {
        const options = { session, context: context() };
        const durable = { runId: `${runId} ${input}` };
        const app = clerk((name) => effect(`${input}, ${name}`));
        const { finalOutput, history } = await runtime.run(app, input, { ...options, durable });
        return [finalOutput, history];
      };
      const turns = async (_: null) => [await turn("one"), await turn("two")];
      const said = await runtime.run(turns, null, { durable: { runId } });
      return [said, await keptIn(session)];
    },
  };
}

/** One turn, which stops for approval. */
export function approvedTurn(inSession: InSession): CrashScenario {
  return {
    name: "session with an approval",
    async run({ runtime, runId, effect }) {
      const session = inSession(runId);
      const { finalOutput, history } = await runtime.run(clerk(effect, true), "one", {
        session,
        context: context(),
        durable: { runId, until: "end" },
      });
      return [finalOutput, history, await keptIn(session)];
    },
    answer,
  };
}

/** What the user has of it in the end. */
async function keptIn(session: string | Session): Promise<readonly unknown[]> {
  return typeof session === "string" ? [] : session.getItems();
}

export interface Store {
  items: readonly unknown[];
}

/** Kept elsewhere, by somebody who knows nothing of runs. */
export class StoredSession implements Session {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async getSessionId(): Promise<string> {
    return "ana";
  }

  async getItems(limit?: number): Promise<never[]> {
    const { items } = this.#store;
    return structuredClone(limit === undefined ? items : items.slice(-limit)) as never[];
  }

  async addItems(items: unknown[]): Promise<void> {
    this.#store.items = [...this.#store.items, ...structuredClone(items)];
  }

  async popItem(): Promise<never | undefined> {
    const last = this.#store.items.at(-1);
    this.#store.items = this.#store.items.slice(0, -1);
    return last as never;
  }

  async clearSession(): Promise<void> {
    this.#store.items = [];
  }
}
