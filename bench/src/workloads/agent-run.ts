/**
 * An agent at work: one run, and each turn a model call on everything said so far, its answer of 1
 * to 2 KB, and one tool whose result of 1 to 2 KB goes into the next call. System prompt 4 KB.
 */
import type { Store } from "@holdfast/core/store";
import { longMessage, message } from "../random-text.ts";
import { newRun } from "./new-run.ts";
import type { Talk } from "./talk.ts";

export interface AgentRun extends Talk {
  readonly runId: string;
  readonly spaceId: string;
  /** What the last model call was given. */
  readonly lastInput: readonly string[];
}

export async function agentRun(store: Store, turns: number): Promise<AgentRun> {
  const writer = await newRun(store);
  const said = [message("system", 4000), message("user", 1500)];
  const turnMs: number[] = [];
  let lastInput: readonly string[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const answer = longMessage("assistant");
    const result = longMessage("tool");
    lastInput = [...said];
    const began = performance.now();
    const model = writer.append({ entry: "started", kind: "model", name: "m", input: lastInput });
    await writer.append({
      entry: "finished",
      step: model.seq,
      value: { text: answer, shared: true },
    }).durable;
    const call = { text: JSON.stringify({ path: `/src/${turn}` }) };
    const tool = writer.append({ entry: "started", kind: "tool", name: "read", value: call });
    await writer.append({
      entry: "finished",
      step: tool.seq,
      value: { text: result, shared: true },
    }).durable;
    turnMs.push(performance.now() - began);
    said.push(answer, result);
  }
  return { runId: writer.runId, spaceId: writer.spaceId, lastInput, said, turnMs };
}
