/**
 * One case: a program, executed until it is through. Its process dies on the way, it is suspended
 * while it waits for somebody, it fails and is let go on.
 */
import { createCodec, silentLogger, type WaitReason } from "@holdfast/core";
import { type AttemptEnd, attempt, Deltas, holdfastErrors, triedAgain } from "@holdfast/core/run";
import {
  type Entry,
  memoryDatabase,
  newId,
  openMemoryStore,
  type Store,
} from "@holdfast/core/store";
import { Activity } from "./activity.ts";
import type { Interruption } from "./interruption.ts";
import { type Crash, MortalProcess } from "./mortal-process.ts";
import { Oracle } from "./oracle.ts";
import { Outside } from "./outside.ts";
import { Left, play } from "./play.ts";
import { isSteady, type Program, signalNames } from "./program.ts";
import { Random } from "./random.ts";
import { VirtualTime } from "./virtual-time.ts";

export interface FuzzCase {
  readonly program: Program;
  /** Decides jitter, durations, and what is said when. */
  readonly seed: number;
  readonly crashes: readonly Crash[];
  readonly interruptions: readonly (Interruption | undefined)[];
}

export interface FuzzResult {
  readonly violations: readonly string[];
  readonly executions: number;
  readonly entries: number;
  readonly reordered: number;
  readonly waits: number;
  readonly suspended: number;
  /** How often it was handed over or paused, and whether it was cancelled. */
  readonly stopped: number;
  readonly cancelled: number;
  readonly journal: readonly Entry[];
}

const HOT_MS = 10_000;
/** A run whose every branch waits is given up this late at the latest: what stalls is given its time. */
const SUSPENDED_WITHIN_MS = HOT_MS + 40_000;
/** Far more than any program takes. */
const MOST_EXECUTIONS = 80;

const codec = createCodec({ extensions: [holdfastErrors] });
const worker = { id: "worker", host: "host", pid: 1 };

export async function runCase({
  program,
  seed,
  crashes,
  interruptions,
}: FuzzCase): Promise<FuzzResult> {
  const time = new VirtualTime();
  const database = memoryDatabase({ now: () => Oracle.dateAt(time.now) });
  const store = openMemoryStore(database);
  const { run } = await store.createRun({ runId: newId(), namespace: "fuzz", app: "program" });
  const { runId } = run;
  const oracle = new Oracle(isSteady(program.part));
  const random = new Random(seed * 37);
  const outside = new Outside({ runId, database, time, random, oracle });
  for (const name of signalNames(program.part)) outside.signalSometime(name);
  let executions = 0;
  let suspended = 0;
  let stopped = 0;
  let cancelled = 0;

  for (;;) {
    executions += 1;
    const crash = crashes[executions - 1];
    const process = new MortalProcess({ crash, time, outside, oracle });
    let openQuestions = () => 0;
    const activity = new Activity(
      oracle,
      () => openQuestions(),
      () => time.now,
    );
    const drain = new AbortController();
    const signal = new AbortController();
    const interruption = interruptions[executions - 1];
    const end = await execute(program, executions, seed);
    process.letGo();
    activity.isOver = true;
    if (oracle.violations.length > 0) break;
    const inOrder = end !== undefined;
    const suspends = inOrder && end.is !== "failed" && !signal.signal.aborted;
    oracle.processEnded({ inOrder, suspended: suspends });
    if (end === undefined) outside.forget();
    if (end?.is === "completed" || end?.is === "diverged") break;
    const isPaused = end?.is === "waiting" && end.why.reason === "paused";
    if (isPaused || end?.is === "drained") stopped += 1;
    if (end?.is === "waiting") {
      if (!isPaused) suspended += 1;
      if (!(await somethingNew(end))) oracle.violated("waited for nobody");
    }
    const status = end?.is === "over" ? (await store.run(runId))?.status : undefined;
    if (status === "completed") break;
    if (status === "cancelled") {
      cancelled += 1;
      if (!outside.isCancelled) oracle.violated("was cancelled though it was let go on since");
      // Taken up all the same, it is not executed.
      if (cancelled === 2) break;
      continue;
    }
    if (end?.is === "failed" || status === "failed") {
      if (random.chance(0.1)) outside.cancel();
      await passFor(1);
      await letGoOn(store, runId, oracle);
      outside.letGoOn();
    }
    if (executions === MOST_EXECUTIONS)
      oracle.violated(`not through after ${executions} executions`);
    if (oracle.violations.length > 0) break;
    await passFor(random.below(random.chance(0.1) ? 20_000 : 300));

    /** How the attempt ended; undefined if the process died. */
    async function execute(
      { part, pause, mayDiverge }: Program,
      nth: number,
      base: number,
    ): Promise<AttemptEnd | undefined> {
      const entries = await readAll(store.journal(runId));
      let end: AttemptEnd | undefined;
      const attempted = attempt({
        store: process.store(store),
        writer: process.writer(await store.takeOver(runId)),
        namespace: "fuzz",
        codec,
        scheduler: process.time,
        logger: silentLogger,
        policies: {},
        adapters: [],
        deltas: new Deltas(),
        hotMs: HOT_MS,
        worker,
        signal: signal.signal,
        drain: drain.signal,
        listen: (after, hear) =>
          outside.listen(after, (control) => {
            hear(control);
            if (control.kind === "pause" || control.kind === "cancel") activity.isStopping = true;
          }),
        program: async (run) => {
          run.signal.addEventListener("abort", () => {
            activity.stoppedAt = time.now;
          });
          if (outside.isCancelled) oracle.violated("was executed though it was cancelled");
          if (outside.isPaused) oracle.violated("was executed though it was paused");
          if (drain.signal.aborted) oracle.violated("was executed by a process on its way out");
          openQuestions = () => run.waits.open.length;
          const player = {
            run,
            nth,
            time: process.time,
            oracle,
            activity,
            random: new Random(base * 31 + nth),
            pause,
            ...recalled(entries),
          };
          try {
            return { is: "ended", output: await play({ part, pause, mayDiverge }, player) };
          } catch (error) {
            if (!(error instanceof Left)) throw error;
            return { is: "left", output: undefined };
          }
        },
      });
      attempted.then(
        (found) => {
          end = found;
          activity.isOver = true;
          check(found, mayDiverge);
        },
        (error: unknown) => oracle.violated(`the attempt threw ${String(error)}`),
      );

      if (interruption !== undefined) interrupt(interruption);

      let idle = { since: time.now, asked: 0 };
      const isDone = () => {
        const { asked, isIdle } = activity;
        if (!isIdle || asked !== idle.asked) idle = { since: time.now, asked };
        else if (time.now - idle.since > SUSPENDED_WITHIN_MS) {
          oracle.violated("every branch waits, and the run stays in memory");
        }
        return end !== undefined || !process.alive || oracle.violations.length > 0;
      };
      if (!(await time.pass(isDone))) oracle.violated(`execution ${nth} came to a standstill`);
      return end;
    }

    function interrupt(happens: Interruption): void {
      time.after(happens.afterMs, () => {
        if (happens.is === "cancel") outside.cancel();
        if (happens.is === "pause") outside.pause(happens.forMs);
        if (happens.is !== "drain" || !process.alive) return;
        drain.abort();
        activity.isStopping = true;
        time.after(happens.graceMs, () => signal.abort());
      });
    }

    function check(end: AttemptEnd, mayDiverge: boolean): void {
      const isPaused = end.is === "waiting" && end.why.reason === "paused";
      if ((isPaused || end.is === "drained") && !signal.signal.aborted && activity.isInBody) {
        oracle.violated("was stopped in spite of bodies that were under way");
      }
      if (end.is === "drained" && !drain.signal.aborted) oracle.violated("was handed over unasked");
      if (isPaused) return;
      if (end.is === "lost") oracle.violated("lost the run to nobody");
      if (end.is === "diverged" && !mayDiverge) oracle.violated(end.error.message);
      if (
        end.is === "failed" &&
        !(end.error instanceof Error && end.error.message.startsWith("step"))
      ) {
        oracle.violated(`failed: ${String(end.error)}`);
      }
      if (end.is !== "waiting" || "left" in end) return;
      for (const what of activity.doing) oracle.violated(`was suspended in spite of ${what}`);
    }
  }

  const journal = await readAll(store.journal(runId));
  const cancellations = journal.filter(({ entry }) => entry === "run cancelled").length;
  if (cancellations > 1) oracle.violated("was cancelled more than once");
  const { violations } = oracle;
  const reordered = journal.filter(({ entry }) => entry === "reordered").length;
  const { waits, entries } = {
    waits: database.runs.get(runId)!.waits.size,
    entries: journal.length,
  };
  const counts = { executions, entries, reordered, waits, suspended, stopped };
  return { violations, ...counts, cancelled: Math.min(cancelled, 1), journal };

  /** Whether something was said that a waiting run has not heard, or one of its questions falls due. */
  async function somethingNew(end: AttemptEnd & { readonly is: "waiting" }): Promise<boolean> {
    const waits = end.why.reason === "wait" ? end.why.waits : [];
    for (const { kind, name } of waits) if (kind === "signal") outside.signal(name);
    const dues = await openDues(waits);
    let isOver = dues.length > 0 && Math.min(...dues) <= 0;
    const stop = time.after(dues.length === 0 ? 1e12 : Math.min(...dues), () => {
      isOver = dues.length > 0;
    });
    // Sometimes it is taken up for no reason.
    const isTakenUp = random.chance(0.1);
    const found = isTakenUp || (await time.pass(() => isOver || outside.newest > end.heardUpTo));
    stop();
    return found;
  }

  async function openDues(waits: readonly WaitReason[]): Promise<readonly number[]> {
    const asked = new Set(waits.map(({ seq }) => seq));
    const open = await store.waits(runId);
    return open.flatMap(({ seq, dueInMs }) =>
      dueInMs === undefined || !asked.has(seq) ? [] : [dueInMs],
    );
  }

  async function passFor(ms: number): Promise<void> {
    let isOver = false;
    time.after(ms, () => {
      isOver = true;
    });
    await time.pass(() => isOver);
  }
}

/** Somebody lets a failed run go on. */
async function letGoOn(store: Store, runId: string, oracle: Oracle): Promise<void> {
  const failed = (await readAll(store.journal(runId))).findLast(
    ({ entry }) => entry === "run failed",
  );
  const said = await store.said(runId);
  const writer = await store.takeOver(runId);
  const { step } = failed!;
  if (step === undefined) oracle.violated("nothing is known of the step that ended the run");
  else {
    await writer.append(triedAgain(step, said)).durable;
    oracle.superseded(step);
  }
  await writer.putState({ status: "queued", release: true });
}

async function readAll(entries: AsyncIterable<Entry>): Promise<readonly Entry[]> {
  const all: Entry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

/** What a framework knows from before: failed tries by place, and what it kept of scopes. */
function recalled(entries: readonly Entry[]): {
  readonly failedTries: ReadonlyMap<string, number>;
  readonly kept: ReadonlyMap<string, string>;
} {
  const failedTries = new Map<string, number>();
  const kept = new Map<string, string>();
  for (const { entry, scope = "", value = "" } of entries) {
    if (entry === "try failed") failedTries.set(scope, (failedTries.get(scope) ?? 0) + 1);
    if (entry === "kept") kept.set(scope, value);
  }
  return { failedTries, kept };
}
