import type { Store } from "../../../src/store/index.ts";
import { newRun } from "../../support/runs.ts";

export interface Chat {
  readonly spaceId: string;
  readonly runIds: readonly string[];
  readonly said: readonly string[];
}

/** A conversation of one run a turn, with all that a run can leave behind. */
export async function chat(store: Store, turns: number): Promise<Chat> {
  const first = await newRun(store);
  const runIds = [first.runId];
  const said: string[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const run = turn === 0 ? first : await newRun(store, first.spaceId);
    if (turn > 0) runIds.push(run.runId);
    const writer = await store.takeOver(run.runId);
    said.push(JSON.stringify(`question ${turn}`), JSON.stringify(`answer ${turn}`));
    writer.append({ entry: "started", input: [...said] });
    writer.append({
      entry: "finished",
      value: { text: JSON.stringify(`only run ${turn} `.repeat(300)) },
    });
    writer.openWait({ seq: 1, kind: "approval", name: "pay", fingerprint: "f" });
    await writer.putSession("thread", { items: [...said] });
    await store.say(run.runId, { key: "pause", kind: "pause" });
  }
  return { spaceId: first.spaceId, runIds, said };
}
