/**
 * One worker's attempt at a run: executes the program over the journal until it ends, waits, or the
 * run is lost. Invariant: what it says of the run is durable before anybody hears it, and when it
 * waits or is lost nothing returns to the program any more. (A body that is under way is told by its
 * signal, and may go on for a while; what it comes to is not kept.)
 */
import type { HoldfastError } from "../errors/index.ts";
import { Execution, History } from "../journal/index.ts";
import type { Control, JournalWriter } from "../store/index.ts";
import { Waits } from "../wait/waits.ts";
import { diverged } from "./diverged.ts";
import { encodeFailure, originOf } from "./failure.ts";
import { journalOf } from "./journal-of.ts";
import { RunContext, type RunContextParts } from "./run-context.ts";
import { endOf } from "./run-end.ts";
import { type Why, whyWaiting } from "./why.ts";

export interface AttemptParts extends Omit<RunContextParts, "runId" | "waits" | "unreadable"> {
  readonly hotMs: number;
  /** Who attempts it, for people. */
  readonly worker: { readonly id: string; readonly host: string; readonly pid: number };
  /** Aborted when this process lets go of the run as it is. */
  readonly signal: AbortSignal;
  /** Tells of what is said to the run after a number, until the function it returns is called. */
  listen(after: number, hear: (control: Control) => void): () => void;
  program(run: RunContext): Promise<ProgramEnd>;
}

/** How a program left: it ended, or its framework left it to wait and gave this in the meantime. */
export type ProgramEnd =
  | { readonly is: "ended"; readonly output: unknown; readonly stored?: unknown }
  | { readonly is: "left"; readonly output: unknown };

export type AttemptEnd =
  | { readonly is: "completed"; readonly output: unknown }
  | { readonly is: "failed"; readonly error: unknown }
  /** `left`: what a framework that was left gave; nothing if the program was parked. */
  | {
      readonly is: "waiting";
      readonly why: Why;
      readonly heardUpTo: number;
      readonly left?: unknown;
    }
  /** The code contradicts the journal: nothing is guessed, the run waits for code that does not. */
  | { readonly is: "diverged"; readonly error: HoldfastError }
  /** Something on record cannot be read here: its class is not known, its key is not there. */
  | { readonly is: "unreadable"; readonly error: unknown }
  /** It had ended already, which only its journal said. */
  | { readonly is: "over" }
  /** A part of it was left to wait, and has its answer. */
  | { readonly is: "again" }
  /**
   * This process has it no more: another one took it over, or the process lets go; or the database
   * refused what was to be written, for the reason given.
   */
  | { readonly is: "lost"; readonly error?: HoldfastError | undefined };

export async function attempt(parts: AttemptParts): Promise<AttemptEnd> {
  const { store, writer, codec, scheduler, worker } = parts;
  const { runId } = writer;
  const entries = await journalOf(store, runId);
  const ended = endOf(entries);
  if (ended !== undefined) return endedBefore(writer, ended);
  const history = History.of(entries);
  const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<AttemptEnd>();
  // A body that is under way comes to its end first: it would have to run again.
  const onLeftAnswered = () => void execution.idle().then(() => interrupt({ is: "again" }));
  const waits = await Waits.of({ runId, store, writer, scheduler, onLeftAnswered }, history);

  const wait = (why: Why) => interrupt({ is: "waiting", why, heardUpTo: waits.heardUpTo });
  const execution = new Execution({
    history,
    writer,
    scheduler,
    hotMs: parts.hotMs,
    reports: {
      diverged: async (request) => {
        interrupt({ is: "diverged", error: await diverged(store, writer, history, request) });
      },
      reordered: () => void writer.append({ entry: "reordered" }),
      waiting: () => wait(whyWaiting(waits.open)),
      replaced: ({ seq }) => waits.withdraw(seq),
      lost: () => interrupt({ is: "lost", error: writer.lost }),
    },
  });
  const unreadable = (error: unknown) => interrupt({ is: "unreadable", error });
  const run = new RunContext({ ...parts, runId, waits, unreadable }, execution);
  writer.append({ entry: "attempt", value: { text: codec.encode(worker).text } });
  const letGo = () => interrupt({ is: "lost" });
  parts.signal.addEventListener("abort", letGo);
  if (parts.signal.aborted) letGo();
  const unlisten = parts.listen(waits.heardUpTo, (control) => waits.hear(control));

  try {
    const ended = execution
      .run(() => parts.program(run))
      .then(
        (end) => end,
        (error: unknown) => ({ is: "threw", error }) as const,
      );
    const end = await Promise.race([ended, interrupted]);
    return await conclude(run, end);
  } catch (error) {
    if (writer.lost === undefined) throw error;
    return { is: "lost", error: writer.lost };
  } finally {
    parts.signal.removeEventListener("abort", letGo);
    unlisten();
    waits.stop();
    execution.stop(new DOMException("The run goes on elsewhere.", "AbortError"));
  }
}

async function endedBefore(
  writer: JournalWriter,
  status: "completed" | "failed",
): Promise<AttemptEnd> {
  try {
    await writer.putState({ status, release: true });
    return { is: "over" };
  } catch (error) {
    if (writer.lost === undefined) throw error;
    return { is: "lost", error: writer.lost };
  }
}

/** Makes durable how the attempt ended. */
async function conclude(
  run: RunContext,
  end: ProgramEnd | AttemptEnd | { readonly is: "threw"; readonly error: unknown },
): Promise<AttemptEnd> {
  const { writer, codec } = run;
  // What the program left behind, the loser of a race, is not part of the run any more.
  const reason = new DOMException("The run is over, or goes on later.", "AbortError");
  if (end.is !== "left") run.execution.stop(reason);
  switch (end.is) {
    case "ended": {
      const stored = encodeOutput(run, "stored" in end ? end.stored : end.output);
      if (typeof stored !== "string") return conclude(run, stored);
      const { durable } = writer.append({ entry: "run completed", value: { text: stored } });
      await Promise.all([durable, writer.putState({ status: "completed", release: true })]);
      return { is: "completed", output: end.output };
    }
    case "threw": {
      const step = originOf(end.error);
      const value = { text: encodeFailure(codec, end.error).text };
      const entry = { entry: "run failed", value, ...(step === undefined ? {} : { step }) };
      const { durable } = writer.append(entry);
      await Promise.all([durable, writer.putState({ status: "failed", release: true })]);
      return { is: "failed", error: end.error };
    }
    case "left":
      // What runs beside a question that a framework left for was begun: it is to be recorded.
      await run.execution.idle();
      if (run.waits.isLeftAnswered) return conclude(run, { is: "again" });
      return conclude(run, {
        is: "waiting",
        why: whyWaiting(run.waits.open),
        heardUpTo: run.waits.heardUpTo,
        left: end.output,
      });
    case "waiting":
      // Of a program that was left, a branch may not have come to its question yet.
      if (!("left" in end)) run.waits.withdrawUnasked();
      return settleDown(run, end, end.why);
    case "unreadable": {
      const explanation = end.error instanceof Error ? end.error.message : String(end.error);
      run.logger.error(explanation, { runId: run.runId });
      return settleDown(run, end, { reason: "unreadable", explanation });
    }
    case "again":
      // Behind all that it has said: who takes the run up from here is to see that.
      await writer.putState({ status: "queued", release: true });
      return end;
    case "diverged": {
      const why: Why = { reason: "divergence", explanation: end.error.message };
      writer.append({ entry: "diverged", value: { text: codec.encode(why).text } });
      run.logger.error(end.error.message, { runId: run.runId });
      return settleDown(run, end, why);
    }
    default:
      return end;
  }
}

/** A run whose output cannot be stored has failed: nobody else could be given it. */
function encodeOutput(
  run: RunContext,
  output: unknown,
): string | { readonly is: "threw"; readonly error: unknown } {
  try {
    const { text, losses } = run.codec.encode(output);
    run.reportLosses({ what: "The output", losses });
    return text;
  } catch (error) {
    return { is: "threw", error };
  }
}

/** Anybody may take the run up. */
async function settleDown(run: RunContext, end: AttemptEnd, why: Why): Promise<AttemptEnd> {
  const text = run.codec.encode(why).text;
  await run.writer.putState({ status: "waiting", why: text, release: true });
  return end;
}
