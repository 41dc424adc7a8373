// An agent that notes what it is told in its state, the user's, or the app's.
import { type BaseAgent, FunctionTool, LlmAgent, type Runner } from "@google/adk";
import type { Runtime } from "@holdfast/core";
import { z } from "zod";
import type { Scenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import { FakeLlm, instruction } from "./scenarios/fake-llm.ts";
import { plainEvent } from "./scenarios/plain.ts";
import type { PlainTurn } from "./scenarios/run-bare.ts";
import type { Effect } from "./scenarios/scenario.ts";

const quiet = async () => {};
export type Said = readonly [userId: string, sessionId: string, text: string];

/** Told to note something it does, in its state; answers with what it sees there. */
export function clerk(effect: Effect = quiet): LlmAgent {
  const note = new FunctionTool({
    name: "note",
    description: "Notes.",
    parameters: z.object({ name: z.string(), value: z.string() }),
    async execute({ name, value }, context) {
      await effect(`note ${name} ${value}`);
      context!.state.set(name, value);
      return { noted: name };
    },
  });
  return new LlmAgent({
    name: "clerk",
    instruction: ({ state }) => JSON.stringify(Object.entries(state.toRecord()).sort()),
    model: new FakeLlm(effect, "clerk", (request) => {
      const text = request.contents.at(-1)?.parts?.[0]?.text ?? "";
      const [verb, name, value] = text.split(" ");
      if (verb === "note") return [{ name: "note", args: { name, value } }];
      return `sees ${instruction(request)}`;
    }),
    tools: [note],
  });
}

export async function turn(
  runtime: Runtime,
  app: BaseAgent | Runner,
  [userId, sessionId, text]: Said,
  runId?: string,
): Promise<PlainTurn> {
  const durable = runId === undefined ? {} : { durable: { runId } };
  const { events, state } = await runtime.run(app, text, { userId, sessionId, ...durable });
  return { events: events.map(plainEvent), state };
}

/** Sessions of two users, one after the other. */
export const sharedState: Scenario = {
  name: "shared state",
  async run({ runtime, runId, effect }) {
    // What happens is counted in one run; all of them are killed.
    const said: readonly Said[] = [
      ["ann", "1", "note user:a 1"],
      ["bob", "2", "note app:b 2"],
      ["ann", "3", "note user:a 3"],
      ["ann", "1", "look"],
    ];
    const turns = [];
    for (const [nth, one] of said.entries()) {
      const isCounted = nth === 2;
      const id = isCounted ? runId : `${runId} ${nth}`;
      turns.push(await turn(runtime, clerk(isCounted ? effect : quiet), one, id));
    }
    return turns;
  },
};
