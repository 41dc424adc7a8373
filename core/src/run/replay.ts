/**
 * Runs the program of a run that is over once more, over its journal, for what it returned or threw.
 * Invariant: nothing is written, and no body runs; what the journal does not have is a divergence.
 */
import { HoldfastError } from "../errors/index.ts";
import { Execution, History } from "../journal/index.ts";
import type { Appended, JournalWriter } from "../store/index.ts";
import { Waits } from "../wait/waits.ts";
import type { ProgramEnd } from "./attempt.ts";
import { diverged } from "./diverged.ts";
import { journalOf } from "./journal-of.ts";
import { RunContext, type RunContextParts } from "./run-context.ts";

export interface ReplayParts extends Omit<RunContextParts, "writer" | "waits" | "unreadable"> {
  program(run: RunContext): Promise<ProgramEnd>;
}

export type ReplayEnd =
  | { readonly is: "ended"; readonly output: unknown }
  | { readonly is: "threw"; readonly error: unknown }
  /** It did not come to its end over the journal; the error says why. */
  | { readonly is: "diverged"; readonly error: HoldfastError };

/** How long nothing may move before it is said that the end does not come. */
const STILL_MS = 5_000;

export async function replay(parts: ReplayParts): Promise<ReplayEnd> {
  const { runId, store, scheduler } = parts;
  const history = History.of(await journalOf(store, runId));
  const writer = await unwritten(parts);
  const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<ReplayEnd>();
  const notOver = () => interrupt({ is: "diverged", error: endless(runId) });
  const execution = new Execution({
    history,
    writer,
    scheduler,
    hotMs: STILL_MS,
    isOver: true,
    reports: {
      diverged: async (request) => {
        interrupt({ is: "diverged", error: await diverged(store, writer, history, request) });
      },
      reordered: () => {},
      waiting: notOver,
      replaced: () => {},
      lost: () => {},
    },
  });
  const nobody = { onLeftAnswered() {}, onOrder() {} };
  const waits = await Waits.of({ runId, store, writer, scheduler, ...nobody }, history);
  const unreadable = (error: unknown) => interrupt({ is: "threw", error });
  const run = new RunContext({ ...parts, writer, waits, unreadable }, execution);
  const ended = execution
    .run(() => parts.program(run))
    .then(
      (end): ReplayEnd => (end.is === "ended" ? end : { is: "diverged", error: endless(runId) }),
      (error: unknown): ReplayEnd => ({ is: "threw", error }),
    );
  try {
    return await Promise.race([ended, interrupted]);
  } finally {
    waits.stop();
    execution.stop(new DOMException("The run is over.", "AbortError"));
  }
}

/** A journal that takes everything and keeps nothing. */
async function unwritten({ runId, store }: ReplayParts): Promise<JournalWriter> {
  const run = (await store.run(runId))!;
  const fingerprint = await store.fingerprints(run.spaceId);
  const done = Promise.resolve();
  return {
    runId,
    spaceId: run.spaceId,
    epoch: run.epoch,
    lastSeq: Number.MAX_SAFE_INTEGER,
    lost: undefined,
    append: (): Appended => ({ seq: Number.MAX_SAFE_INTEGER, durable: done }),
    putSession: () => done,
    putState: () => done,
    openWait: () => done,
    closeWait: () => done,
    room: () => done,
    fingerprint,
  };
}

function endless(runId: string): HoldfastError {
  return new HoldfastError(
    "RUN_DIVERGED",
    `Run ${runId} is over, but the code does not come to an end over its journal: it waits for what never ended.`,
    {
      hint: "Run it on the code it ended with, or ask `handle.result()` for what was stored of its end.",
      details: { runId },
    },
  );
}
