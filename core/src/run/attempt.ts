/**
 * One worker's attempt at a run: executes the program over the journal until it ends, waits, is told to
 * stop, or the run is lost. Invariant: what it says of the run is durable before anybody hears it, and
 * when it does not end by itself nothing returns to the program any more. (A body that is cut short is
 * told by its signal, and may go on for a while; what it comes to is not kept.)
 */
import type { HoldfastError } from "../errors/index.ts";
import { Execution, History } from "../journal/index.ts";
import type { Control, Entry, JournalWriter, RunState } from "../store/index.ts";
import { Waits } from "../wait/waits.ts";
import { conclude, type Ending, stopReason } from "./conclude.ts";
import { diverged } from "./diverged.ts";
import { journalOf } from "./journal-of.ts";
import { Orders } from "./orders.ts";
import { RunContext, type RunContextParts } from "./run-context.ts";
import { endOf, type RunEnd } from "./run-end.ts";
import { type Why, whyWaiting } from "./why.ts";

export interface AttemptParts extends Omit<RunContextParts, "runId" | "waits" | "unreadable"> {
  readonly hotMs: number;
  /** The whole of it, as it is since the writer has it. Default: it is read. */
  readonly journal?: readonly Entry[] | undefined;
  /** Who attempts it, for people. */
  readonly worker: { readonly id: string; readonly host: string; readonly pid: number };
  /**
   * Nothing while it is certain that the run is still this worker's, as far as its lease tells; else
   * resolves when that is known, and no body begins before. Default: it always is.
   */
  readonly certain?: () => Promise<void> | undefined;
  /** Aborted when this process lets go of the run as it is. */
  readonly signal: AbortSignal;
  /**
   * Aborted when this process is to hand the run over: no body begins any more, those under way come to
   * their end. How long that may take is up to whoever aborts `signal` then. Default: never.
   */
  readonly drain?: AbortSignal;
  /** Aborted when others could use its place: then it does not stay in memory to wait. Default: never. */
  readonly wanted?: AbortSignal;
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
  /**
   * `left`: what a framework that was left gave, or gives when it waits in place; nothing if it gives
   * nothing then, or if the run is paused.
   */
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
  /** Its journal says how it ended: before this attempt, or since it was cancelled. */
  | { readonly is: "over" }
  /** It is to go on at once: it has an answer it was left for, or is not paused any more. */
  | { readonly is: "again" }
  /** It was handed over, as asked for, for anybody to take it up. */
  | { readonly is: "drained" }
  /**
   * This process has it no more: another one took it over, or the process lets go; or the database
   * refused what was to be written, for the reason given.
   */
  | { readonly is: "lost"; readonly error?: HoldfastError | undefined };

export async function attempt(parts: AttemptParts): Promise<AttemptEnd> {
  const { store, writer, codec, scheduler, worker, signal, drain, wanted } = parts;
  const { runId, spaceId } = writer;
  const entries = parts.journal ?? (await journalOf(store, runId, { spaceId }));
  const end = endOf(entries);
  if (end !== undefined) return endedBefore(writer, end);
  const history = History.of(entries);
  const orders = new Orders(codec, entries);
  const { promise: interrupted, resolve } = Promise.withResolvers<Ending>();
  const interrupt = (ending: Ending) => {
    // At once: what was answered in this very moment does not go on any more.
    execution.stop(stopReason(orders, ending));
    resolve(ending);
  };
  // A body that is under way comes to its end first: it would have to run again.
  const onLeftAnswered = () => void execution.idle().then(() => interrupt({ is: "again" }));
  const onOrder = (order: Control) => orders.hear(order);
  const waits = await Waits.of(
    { runId, store, writer, scheduler, onLeftAnswered, onOrder },
    history,
  );

  const say = (state: RunState) => void writer.putState(state).catch(() => {});
  let left: ProgramEnd | undefined;
  const execution = new Execution({
    history,
    writer,
    scheduler,
    hotMs: parts.hotMs,
    ...(parts.certain && { certain: parts.certain }),
    reports: {
      diverged: async (request) => {
        interrupt({ is: "diverged", error: await diverged(store, writer, history, request) });
      },
      reordered: () => void writer.append({ entry: "reordered" }),
      // For people: it is still in memory, and nobody else's.
      still: () => say({ status: "waiting", why: codec.encode(whyWaiting(waits.open)).text }),
      stirred: () => say({ status: "running" }),
      waiting: () => {
        const { heardUpTo, open } = waits;
        const gives = run.pause && { left: run.pause() };
        interrupt(left ?? { is: "waiting", why: whyWaiting(open), heardUpTo, ...gives });
      },
      replaced: ({ seq }) => waits.withdraw(seq),
      lost: () => interrupt({ is: "lost", error: writer.lost }),
    },
  });
  const unreadable = (error: unknown) => interrupt({ is: "unreadable", error });
  const run = new RunContext({ ...parts, runId, waits, unreadable }, execution);

  const drainFor = (ending: Ending) => {
    waits.stop();
    void execution.drained().then(() => interrupt(ending));
  };
  const obey = () => {
    if (orders.cancellation !== undefined) interrupt({ is: "cancelled" });
    else if (orders.pause !== undefined) drainFor({ is: "again" });
  };
  const handOver = () => drainFor({ is: "drained" });
  const letGo = () => interrupt({ is: drain?.aborted ? "drained" : "lost" });

  const isToRun = !(orders.isToStop || drain?.aborted || signal.aborted);
  orders.follow(obey);
  follow(drain, handOver);
  follow(signal, letGo);
  const hurry = () => execution.hurry();
  follow(wanted, hurry);
  const unlisten = parts.listen(waits.heardUpTo, (control) => waits.hear(control));

  const execute = async (): Promise<Ending> => {
    try {
      const ending = await execution.run(() => parts.program(run));
      if (ending.is === "ended") return ending;
      left = ending;
      // What runs beside a question that a framework left for was begun: it is to be recorded.
      await execution.idle();
      return left;
    } catch (error) {
      return { is: "threw", error };
    }
  };

  try {
    if (!isToRun) return await conclude(run, orders, await interrupted);
    writer.append({ entry: "attempt", value: { text: codec.encode(worker).text } });
    return await conclude(run, orders, await Promise.race([execute(), interrupted]));
  } catch (error) {
    if (writer.lost === undefined) throw error;
    return { is: "lost", error: writer.lost };
  } finally {
    drain?.removeEventListener("abort", handOver);
    signal.removeEventListener("abort", letGo);
    wanted?.removeEventListener("abort", hurry);
    unlisten();
    waits.stop();
    execution.stop(stopReason(orders, { is: "lost" }));
  }
}

/** Only its journal said so: the process died before it could set the status. */
async function endedBefore(writer: JournalWriter, status: RunEnd): Promise<AttemptEnd> {
  try {
    await writer.putState({ status, release: true });
    return { is: "over" };
  } catch (error) {
    if (writer.lost === undefined) throw error;
    return { is: "lost", error: writer.lost };
  }
}

function follow(signal: AbortSignal | undefined, obey: () => void): void {
  signal?.addEventListener("abort", obey);
  if (signal?.aborted) obey();
}
