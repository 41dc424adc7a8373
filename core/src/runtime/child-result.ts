/**
 * What a run of its own came to, for the run that awaits it: a step of that run, which waits without
 * holding a worker. Invariant: the wait is answered when the awaited run is over, by whoever sees that
 * first: the process that awaits, the worker that ended it, or one that looks for such waits.
 */
import { setTimeout as delay } from "node:timers/promises";
import { HoldfastError } from "../errors/index.ts";
import { currentScope } from "../journal/index.ts";
import type { AttemptEnd } from "../run/attempt.ts";
import type { RunContext } from "../run/run-context.ts";
import { step } from "../run/step.ts";
import type { Run, Store } from "../store/index.ts";
import { isOver } from "../store/run-status.ts";
import { runNotFound } from "../store/store-errors.ts";
import { ask } from "../wait/ask.ts";
import { waitKey } from "../wait/waits.ts";
import type { Opened } from "./opened.ts";
import { endWith, outcomeOf } from "./outcome.ts";

/** How soon the wait is looked for again that is just being opened. */
const SOON_MS = 20;

/**
 * @param id of the run, or of the name it goes by
 *
 * Throws RUN_NOT_FOUND; OPTION_INVALID for the run itself and for one in another database, which nobody would
 * tell of. Like what the other came to, that is on record: a run that is deleted later was there.
 */
export function childResult(opened: Opened, run: RunContext, id: string): Promise<unknown> {
  const { store } = opened;
  const body = async () => {
    if ((await store.run(run.runId)) === undefined) throw isElsewhere(run.runId, id);
    const { runId: childId } = await find(store, id);
    if (childId === run.runId) throw isItself(childId);
    // What is on record may be the end of it before it was let go on.
    do await askForEnd(opened, run, childId);
    while (!isOver((await find(store, childId)).status));
    const { is, value } = await outcomeOf(store, childId);
    return endWith(childId, is, await run.read(value));
  };
  return step(`result of ${id}`, body, { input: id });
}

/** Answers those who wait for the end of a run that is over: of this one, or of any. */
export async function answerWaitsForEnd(store: Store, of?: string): Promise<void> {
  for (const { runId, seq } of await store.waitsForEnd(of)) {
    const on = { wait: seq, while: "open" } as const;
    await store.say(runId, { key: waitKey(seq), kind: "child", on });
  }
}

/**
 * After an attempt at a run: answers those who await it, if it is over, and it, if what it awaits is: that
 * may have ended just before it asked. Others find both sooner or later, too.
 */
export async function answerAfter(
  { store, logger }: Opened,
  runId: string,
  end: AttemptEnd,
): Promise<void> {
  const waits = end.is === "waiting" && end.why.reason === "wait" ? end.why.waits : [];
  const awaited = waits.filter(({ kind }) => kind === "child").map(({ name }) => name);
  try {
    for (const id of end.is === "waiting" ? awaited : [runId]) await answerWaitsForEnd(store, id);
  } catch (error) {
    logger.warn(`Could not see who awaits whom after run ${runId}.`, { runId, error });
  }
}

async function find(store: Store, id: string): Promise<Run> {
  const run = await store.run(id);
  if (run === undefined) throw runNotFound(id);
  return run;
}

async function askForEnd(opened: Opened, run: RunContext, childId: string): Promise<void> {
  const answered = new AbortController();
  void answerWhenOver(opened, childId, AbortSignal.any([run.signal, answered.signal]));
  await ask(run, { kind: "child", name: childId });
  answered.abort();
}

async function answerWhenOver(
  { store, watch, poller, logger }: Opened,
  childId: string,
  signal: AbortSignal,
): Promise<void> {
  const here = currentScope.getStore();
  try {
    await watch.until(childId, ({ status }) => isOver(status), signal);
    while (!signal.aborted && !here?.isPast) {
      await answerWaitsForEnd(store, childId);
      await poller.look();
      await delay(SOON_MS, undefined, { signal });
    }
  } catch (error) {
    // Answered, or left; somebody else looks for it then.
    if (!signal.aborted) logger.warn(`Could not see how run ${childId} stands.`, { error });
  }
}

function isItself(runId: string): HoldfastError {
  return new HoldfastError("OPTION_INVALID", `Run ${runId} awaits its own end.`, {
    hint: "Inside a run, await the result of another one.",
    details: { runId },
  });
}

function isElsewhere(runId: string, id: string): HoldfastError {
  return new HoldfastError(
    "OPTION_INVALID",
    `Run ${runId} awaits the end of run ${id} through a runtime on another database.`,
    {
      hint: "Inside a run, await runs of its own database: take the handle from a runtime on that one.",
      details: { runId, awaited: id },
    },
  );
}
