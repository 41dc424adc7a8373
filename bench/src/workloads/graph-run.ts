/**
 * A graph of one node called turn after turn on one thread: a person's message of 1 KB, a model call
 * on the whole history, its answer of 1 KB, and a checkpoint of the state after the node.
 */
import type { Store } from "@holdfast/core/store";
import { message } from "../random-text.ts";
import { newRun } from "./new-run.ts";
import type { Talk } from "./talk.ts";

export async function graphRun(store: Store, turns: number): Promise<Talk> {
  const writer = await newRun(store);
  const said: string[] = [];
  const turnMs: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    said.push(message("user", 1000));
    const answer = message("assistant", 1000);
    const began = performance.now();
    const node = writer.append({ entry: "started", kind: "node", name: "m" });
    const model = writer.append({ entry: "started", kind: "model", name: "m", input: [...said] });
    await writer.append({
      entry: "finished",
      step: model.seq,
      value: { text: answer, shared: true },
    }).durable;
    said.push(answer);
    await Promise.all([
      writer.append({ entry: "finished", step: node.seq }).durable,
      writer.putSession("checkpoint", { items: [...said] }),
    ]);
    turnMs.push(performance.now() - began);
  }
  return { said, turnMs };
}
