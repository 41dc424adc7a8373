// A functional graph that remembers what it saved, which is not what it returns; and two turns with it, of
// which the second asks.
import { entrypoint, getPreviousState, interrupt, MemorySaver, task } from "@langchain/langgraph";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import type { Effect } from "./scenarios/scenario.ts";

/** Looks two things up at once, asks from the second turn on, and looks up what it was told. */
export function diary(effect: Effect, checkpointer?: MemorySaver): DurableApp {
  const look = task("look", async (q: string) => fakeTool(effect, "look").invoke({ q }));
  const options = { name: "diary", ...(checkpointer === undefined ? {} : { checkpointer }) };
  return entrypoint(options, async (text: string) => {
    const before = getPreviousState<readonly string[]>() ?? [];
    const found = await Promise.all([look(`${text} 1`), look(`${text} 2`)]);
    if (before.length > 0) found.push(await look(`${interrupt({ question: before.at(-1) })}`));
    const value = `${before.length} before, found ${found.join()}`;
    return entrypoint.final({ value, save: [...before, text] });
  }) as unknown as DurableApp;
}

export const diaryInTwoTurns: CrashScenario = {
  name: "diary",
  async run({ runtime, runId, effect }) {
    const app = diary(effect, new MemorySaver());
    const configurable = { thread_id: runId };
    const turn = (text: string, id: string) =>
      runtime.run(app, text, { configurable, durable: { runId: id, until: "end" } });
    return [await turn("one", `${runId} one`), await turn("two", runId)];
  },
  answer: (_wait, { handle }) => handle.respond(undefined, "yes"),
};
