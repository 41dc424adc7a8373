/**
 * A chat: each turn is a run of its own in the space of the thread, with one model call on the whole
 * conversation, messages of 1.6 KB, and the thread's state written at the end of the turn.
 */
import { newId, openStore } from "@holdfast/core/store";
import { message } from "../random-text.ts";
import { newRun } from "./new-run.ts";
import type { Talk } from "./talk.ts";

/** `turnsPerProcess`: after so many turns a store that remembers nothing takes the next. */
export async function chat(url: string, turns: number, turnsPerProcess: number): Promise<Talk> {
  const spaceId = newId();
  const said: string[] = [];
  const turnMs: number[] = [];
  while (said.length < 2 * turns) {
    const store = await openStore({ database: url });
    try {
      for (let turn = 0; turn < turnsPerProcess && said.length < 2 * turns; turn += 1) {
        said.push(message("user", 1600));
        const answer = message("assistant", 1600);
        const began = performance.now();
        const writer = await newRun(store, spaceId);
        const input = [...said];
        const model = writer.append({ entry: "started", kind: "model", name: "m", input });
        await writer.append({
          entry: "finished",
          step: model.seq,
          value: { text: answer, shared: true },
        }).durable;
        said.push(answer);
        await writer.putSession("thread", { items: [...said] });
        turnMs.push(performance.now() - began);
      }
    } finally {
      await store.close();
    }
  }
  return { said, turnMs };
}
