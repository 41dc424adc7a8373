/** A run, from any process: how it stands, what happened, and what a person or program says to it. */
import { HoldfastError } from "../errors/index.ts";
import { findRun, type RunContext } from "../run/run-context.ts";
import { triedAgain } from "../run/tried-again.ts";
import { isNameId, type Run, type RunStatus } from "../store/index.ts";
import { isOver } from "../store/run-status.ts";
import { runNotFound } from "../store/store-errors.ts";
import type { Settlement } from "../wait/settle.ts";
import { undecided } from "../wait/undecided.ts";
import type { Verdict } from "../wait/wait-for-approval.ts";
import { unlessAborted } from "../worker/unless-aborted.ts";
import { childResult } from "./child-result.ts";
import { decide, findWait } from "./decide.ts";
import type { KeepAlive } from "./keep-alive.ts";
import type { Opened } from "./opened.ts";
import { outcomeOf, storedEnd } from "./outcome.ts";
import { type RunEvent, runEvents } from "./run-events.ts";
import { type RunReport, runReport } from "./run-report.ts";
import { cancel, pause, resume } from "./steer.ts";
import { type StepView, stepsOf } from "./step-view.ts";
import { type WaitView, waitView } from "./wait-view.ts";

/** Who says something, for the record. */
export interface Author {
  readonly by?: string;
}

export class RunHandle<Output = unknown> {
  /** Of the run, or of the name it goes by. */
  readonly id: string;
  readonly #open: () => Promise<Opened>;
  readonly #keepAlive: KeepAlive;
  #found: string | undefined;

  constructor(id: string, open: () => Promise<Opened>, keepAlive: KeepAlive) {
    this.id = id;
    this.#open = open;
    this.#keepAlive = keepAlive;
  }

  /** Throws RUN_NOT_FOUND. */
  async status(): Promise<RunReport> {
    const opened = await this.#open();
    return runReport(opened, await this.#run());
  }

  /**
   * Waits until the run is over; returns what it returned, or throws what it threw, or RUN_NOT_FOUND.
   * Inside a run, that is a step of it.
   */
  result(): Promise<Output> {
    const outer = findRun();
    if (outer === undefined) return this.#keepAlive.during(this.#result());
    return this.#resultInside(outer) as Promise<Output>;
  }

  /** What happened, and happens: ends with the run. `after`: the cursor of the last event you know. */
  async *events({ after }: { readonly after?: string } = {}): AsyncGenerator<RunEvent, void> {
    const { store, codec, deltas, ended } = await this.#open();
    const { runId } = await this.#run();
    const events = runEvents({ store, codec, deltas, runId }, after);
    try {
      for (;;) {
        const next = await this.#keepAlive.during(unlessAborted(ended, events.next()));
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await events.return();
    }
  }

  async steps(): Promise<readonly StepView[]> {
    const { store, codec } = await this.#open();
    return stepsOf(store.journal(await this.#runId()), codec);
  }

  /** What it waits for: questions that somebody can answer, steps somebody has to settle. */
  async waits(): Promise<readonly WaitView[]> {
    const { store, codec } = await this.#open();
    const runId = await this.#runId();
    const open = await store.waits(runId);
    return undecided(open, await store.said(runId)).map((wait) => waitView(wait, codec));
  }

  /** Lets it go on. Without a wait's number: the only approval that is open. */
  approve(
    wait?: number,
    { by, ...verdict }: Author & Omit<Verdict, "approved"> = {},
  ): Promise<void> {
    return this.#decide("approval", wait, { approved: true, ...verdict }, by);
  }

  reject(wait?: number, { by, note }: Author & { readonly note?: string } = {}): Promise<void> {
    const verdict: Verdict = { approved: false, ...(note === undefined ? {} : { note }) };
    return this.#decide("approval", wait, verdict, by);
  }

  /** Answers a question of the app's framework. */
  respond(wait: number | undefined, value: unknown, { by }: Author = {}): Promise<void> {
    return this.#decide("input", wait, value, by);
  }

  /**
   * Tells the run something; `waitForSignal(name)` gets it, now or later. With a key: once, however
   * often it is told.
   */
  async signal(
    name: string,
    value?: unknown,
    { by, key = crypto.randomUUID() }: Author & { readonly key?: string } = {},
  ): Promise<void> {
    const { store, codec, poller } = await this.#open();
    const { text } = codec.encode(value);
    const { runId, status } = await this.#run();
    if (isOver(status)) throw this.#over(name, status);
    await store.say(runId, {
      key: `signal/${JSON.stringify([name, key])}`,
      kind: "signal",
      name,
      value: text,
      ...(by === undefined ? {} : { author: by }),
    });
    await poller.look();
  }

  /** Says how a step ended of which nobody knows: with a result, not at all, or that it has failed. */
  async settle(
    step: number,
    how: { readonly result: unknown } | "retry" | "fail",
    { by, note }: Author & { readonly note?: string } = {},
  ): Promise<void> {
    const settlement = settlementOf(how, note);
    const opened = await this.#open();
    const runId = await this.#runId();
    const wait = await findWait(opened, runId, "doubt", ({ step: of }) => of === step, step);
    await decide(opened, runId, wait, { value: settlement, by });
  }

  /**
   * Lets a failed run go on: the step whose failure ended it runs again, everything before it stays.
   * Then run it by its id. Throws THREAD_BUSY if its thread has gone on with another one that is not over.
   */
  async retry(): Promise<void> {
    const { store } = await this.#open();
    const { runId, spaceId, status, epoch } = await this.#run();
    if (status !== "failed") throw this.#notFailed(status);
    const newest = await store.newestRun(spaceId);
    if (newest !== undefined && newest.runId !== runId && !isOver(newest.status)) {
      throw goneOnWith(newest, runId);
    }
    const outcome = await outcomeOf(store, runId);
    const said = await store.said(runId);
    // Not if somebody else had it tried again in the meantime, and it runs by now.
    const writer = await store.takeOver(runId, { epoch });
    const step = outcome.is === "failed" ? outcome.step : undefined;
    writer.append(triedAgain(step, said));
    await writer.putState({ status: "queued", release: true });
  }

  async #resultInside(outer: RunContext): Promise<unknown> {
    return childResult(await this.#open(), outer, this.id);
  }

  async #result(): Promise<Output> {
    const { store, codec, watch, ended } = await this.#open();
    const runId = await this.#runId();
    await watch.until(runId, ({ status }) => isOver(status), ended);
    return storedEnd(codec, runId, await outcomeOf(store, runId)) as Output;
  }

  /** Ends the run where it stands: bodies that are under way are told by their signals. */
  async cancel(reason?: string, { by }: Author = {}): Promise<void> {
    await cancel(await this.#open(), await this.#runId(), { reason, by });
  }

  /** Lets the steps end that are under way, and begins no other until it is resumed. */
  async pause({ by }: Author = {}): Promise<void> {
    await pause(await this.#open(), await this.#runId(), by);
  }

  async resume({ by }: Author = {}): Promise<void> {
    await resume(await this.#open(), await this.#runId(), by);
  }

  async #decide(
    kind: string,
    number: number | undefined,
    value: unknown,
    by: string | undefined,
  ): Promise<void> {
    const opened = await this.#open();
    const runId = await this.#runId();
    const wait = await findWait(
      opened,
      runId,
      kind,
      ({ seq }) => number === undefined || seq === number,
      number,
    );
    await decide(opened, runId, wait, { value, by });
  }

  /** The run's own id: that of a name may stand for another. */
  async #runId(): Promise<string> {
    this.#found ??= isNameId(this.id) ? (await this.#run()).runId : this.id;
    return this.#found;
  }

  async #run(): Promise<Run> {
    const { store } = await this.#open();
    const run = await store.run(this.id);
    if (run === undefined) throw runNotFound(this.id);
    return run;
  }

  #over(name: string, status: RunStatus): HoldfastError {
    return new HoldfastError(
      "RUN_OVER",
      `Run ${this.id} is ${status}: nobody waits for the signal "${name}" any more.`,
      {
        hint: "Tell it to a run that goes on. A failed one goes on after handle.retry().",
        details: { runId: this.id, name, status },
      },
    );
  }

  #notFailed(status: RunStatus): HoldfastError {
    return new HoldfastError("RUN_NOT_FAILED", `Run ${this.id} is ${status}, not failed.`, {
      hint: "Only a failed run can be tried again. One that was left by its process is taken up by running it by its id.",
      details: { runId: this.id, status },
    });
  }
}

/** What is none is not taken for a failure. */
function settlementOf(how: unknown, note: string | undefined): Settlement {
  if (how === "retry") return { is: "retry" };
  if (how === "fail") return { is: "failed", ...(note === undefined ? {} : { note }) };
  if (typeof how === "object" && how !== null && "result" in how) {
    return { is: "done", result: how.result };
  }
  throw new HoldfastError("OPTION_INVALID", `settle() was given ${String(how)}.`, {
    hint: 'Give { result } if the step is done, "retry" or "fail".',
    details: { how: String(how) },
  });
}

function goneOnWith({ runId, status }: Run, failed: string): HoldfastError {
  return new HoldfastError(
    "THREAD_BUSY",
    `Run ${failed} cannot go on: its thread has gone on with run ${runId}, which is ${status}.`,
    {
      hint: "A thread has one run at a time. Wait for the end of that one, or cancel it (runtime.handle(id).cancel()); then try again.",
      details: { runId: failed, busyWith: runId, status },
    },
  );
}
