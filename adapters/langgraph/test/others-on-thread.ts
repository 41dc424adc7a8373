// A talk on one thread, of which others hold a turn with LangGraph alone, through the app's own saver.
import type { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { plain } from "./scenarios/plain.ts";
import { chat, onThread, says } from "./two-turns.ts";

/** @param saver of this process */
export function othersOnThread(saver: () => PostgresSaver): CrashScenario {
  return {
    name: "others on the thread",
    async run({ runtime, runId, effect }) {
      const app = chat(saver(), effect);
      const turn = (text: string, id: string) =>
        runtime.run(app, says(text), { ...onThread(runId), durable: { runId: id } });
      await turn("one", `${runId} 1`);
      const { values, next } = await app.getState(onThread(runId));
      const { messages } = values as { readonly messages: readonly unknown[] };
      // Also if others were killed in the middle of it.
      if (messages.length === 2) await app.invoke(says("by others"), onThread(runId));
      else if (messages.length === 3 && next.length > 0) await app.invoke(null, onThread(runId));
      return plain(await turn("two", runId));
    },
  };
}
