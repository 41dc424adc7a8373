/**
 * What a run of its own came to, for the run that awaits it: a step of that run, which waits without
 * holding a worker. Invariant: the wait is answered when the awaited run is over, by whoever sees that
 * first: the process that awaits, the worker that ended it, or one that looks for such waits.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { RunContext } from "../run/run-context.ts";
import { step } from "../run/step.ts";
import type { Store } from "../store/index.ts";
import { isOver } from "../store/run-status.ts";
import { ask } from "../wait/ask.ts";
import { waitKey } from "../wait/waits.ts";
import type { Opened } from "./opened.ts";
import { outcomeOf, storedEnd } from "./outcome.ts";

/** How soon the wait is looked for again that is just being opened. */
const SOON_MS = 20;

export function childResult(opened: Opened, run: RunContext, childId: string): Promise<unknown> {
  const { store, codec } = opened;
  const body = async () => {
    const answered = new AbortController();
    void answerWhenOver(opened, childId, AbortSignal.any([run.signal, answered.signal]));
    await ask(run, { kind: "child", name: childId });
    answered.abort();
    return storedEnd(codec, childId, await outcomeOf(store, childId));
  };
  return step(`result of ${childId}`, body, { input: childId });
}

/** Answers those who wait for the end of a run that is over: of this one, or of any. */
export async function answerWaitsForEnd(store: Store, of?: string): Promise<void> {
  for (const { runId, seq } of await store.waitsForEnd(of)) {
    const on = { wait: seq, while: "open" } as const;
    await store.say(runId, { key: waitKey(seq), kind: "child", on });
  }
}

async function answerWhenOver(
  { store, watch, poller, logger }: Opened,
  childId: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await watch.until(childId, ({ status }) => isOver(status), signal);
    while (!signal.aborted) {
      await answerWaitsForEnd(store, childId);
      await poller.look();
      await delay(SOON_MS, undefined, { signal });
    }
  } catch (error) {
    // Answered, or left; somebody else looks for it then.
    if (!signal.aborted) logger.warn(`Could not see how run ${childId} stands.`, { error });
  }
}
