/**
 * One execution of a run's program over its journal: recorded steps return their records, others run
 * and are recorded.
 *
 * Invariants: a step that has returned to the program never runs again, since its outcome is durable
 * before it returns; no outcome goes to a request that is not certainly the one it belongs to; and
 * once it is stopped or the run is lost, nothing returns to the program any more: it stays where it
 * is and is forgotten.
 */
import type { JournalWriter } from "../store/index.ts";
import { Activity } from "./activity.ts";
import { type Body, BodyRunner } from "./body-runner.ts";
import { Gate } from "./gate.ts";
import { HeldRequests } from "./held-requests.ts";
import type { History } from "./history.ts";
import { Identification } from "./identification.ts";
import { LiveStep } from "./live-step.ts";
import { never } from "./never.ts";
import { OpenScope } from "./open-scope.ts";
import { RunningBodies } from "./running-bodies.ts";
import type { Scheduler } from "./scheduler.ts";
import { bodyPath, currentScope, Scope, tryPath } from "./scope.ts";
import type { Outcome, StepIdentity, StepRecord } from "./step-record.ts";
import type { StepRequest, StepResult, WaitRequest } from "./step-request.ts";

/** What an execution tells about itself while it goes on. */
export interface ExecutionReports {
  /** A request contradicts the journal. It stays unanswered until what came first is asked for. */
  diverged(contradiction: ContradictedRequest): void;
  /** Results had to be handed back in another order than the recorded one. */
  reordered(): void;
  /** Nothing has moved for a moment, and nothing will until a wait is answered. Default: nobody is told. */
  still?(): void;
  /** After `still`: something moves again. */
  stirred?(): void;
  /** Nothing has moved for the hot period, and nothing will until a wait is answered. */
  waiting(): void;
  /** The question of this record is asked in another form now: the old one needs no answer. */
  replaced(wait: StepRecord): void;
  /** Another owner has the run, or its database is gone: nothing returns to the program any more. */
  lost(): void;
}

export interface ContradictedRequest {
  readonly identity: StepIdentity;
  /** What it is given, if it says so. */
  readonly input: readonly string[] | undefined;
  /** The records it could have stood for. */
  readonly group: readonly StepRecord[];
  /** The stack of the program when it asked. */
  readonly at: string | undefined;
}

export interface ExecutionParts {
  readonly history: History;
  readonly writer: JournalWriter;
  readonly scheduler: Scheduler;
  readonly reports: ExecutionReports;
  /** How long a run whose every branch waits stays in memory. Default: 10 s. */
  readonly hotMs?: number;
  /** Nothing, or what has to resolve before a body begins: see `AttemptParts`. Default: nothing. */
  readonly certain?: () => Promise<void> | undefined;
  /** Of a run that is over: nothing runs that is not recorded, and what never ended does not end. */
  readonly isOver?: boolean;
}

const HOT_MS = 10_000;

export class Execution {
  readonly #history: History;
  readonly #writer: JournalWriter;
  readonly #isOver: boolean;
  readonly #root = new Scope({ execution: this, path: "" });
  readonly #gate: Gate;
  readonly #activity: Activity;
  readonly #identification: Identification;
  readonly #runner: BodyRunner;
  #lastReturned = 0;

  constructor({
    history,
    writer,
    scheduler,
    reports,
    hotMs = HOT_MS,
    certain = () => undefined,
    isOver = false,
  }: ExecutionParts) {
    this.#history = history;
    this.#writer = writer;
    this.#isOver = isOver;
    const bodies = new RunningBodies();
    const gate = new Gate(history.results(), scheduler, (scope) => this.#activity.moved(scope));
    const isBusy = (scope: string) => bodies.isBusy(scope) || gate.isWaitedAt(scope);
    const held = new HeldRequests(scheduler, isBusy);
    const activity = new Activity({
      root: this.#root,
      gate,
      held,
      bodies,
      scheduler,
      hotMs,
      reports,
    });
    this.#gate = gate;
    this.#activity = activity;
    this.#identification = new Identification({
      history,
      writer,
      gate,
      held,
      activity,
      isOver,
      reports,
    });
    this.#runner = new BodyRunner({ activity, bodies, gate, scheduler, certain });
  }

  /** Aborted when it is stopped. */
  get signal(): AbortSignal {
    return this.#activity.signal;
  }

  /**
   * Runs the program in its root scope. That stays open until the execution is stopped: branches that
   * the program left behind are given their results in order until then.
   */
  run<T>(program: () => Promise<T>): Promise<T> {
    return this.#opened(this.#root).run(program);
  }

  /** Opens a scope below the current one, for a part of the program. */
  open(label: string): OpenScope {
    const parent = here();
    return this.#opened(new Scope({ execution: this, parent, path: parent.childPath(label) }));
  }

  /** Runs a part of the program in a scope of its own below the current one. */
  scope<T>(label: string, part: () => Promise<T>): Promise<T> {
    return this.open(label).runAndClose(part);
  }

  /**
   * A scope that its framework tries again when it fails. A new try is a new scope, so that it gets
   * new results; after a crash the framework counts from 1 again, and goes on with the newest try.
   */
  retriedScope(label: string): RetriedScope {
    const parent = here();
    const path = parent.childPath(label);
    const before = this.#history.failedTries.get(path) ?? 0;
    return {
      try: (count, part) => {
        const fresh = parent.fresh || count > 1;
        const nth = { parent, path: tryPath(path, before + count), fresh };
        return this.#opened(new Scope({ execution: this, ...nth })).runAndClose(() =>
          part(before + count),
        );
      },
      failed: () => {
        if (this.#activity.isStopped) return never();
        const entry = { entry: "try failed", scope: path };
        return this.#activity.durable(this.#writer.append(entry).durable);
      },
    };
  }

  /** Whether a part of the program lies in a try that had failed when it began: what came of it is void. */
  hasFailed(path: string): boolean {
    return this.#history.hasFailed(path);
  }

  /** The framework keeps what came of this part of the program: its records are not asked for. */
  restored(path: string): void {
    this.#gate.close(path);
    this.#activity.moved(path);
  }

  /** The scopes right below this one of which results are left to be asked for. */
  recordedBelow(path: string): readonly string[] {
    return this.#gate.below(path);
  }

  /** Resolves when no body does anything any more, and all that came of them is said; or when it is stopped. */
  idle(): Promise<void> {
    return this.#activity.idle();
  }

  /**
   * From now on no body begins but inside one that is under way, which could not come to its end
   * otherwise; other steps stay where they are. Resolves when no body does anything any more, and all that
   * came of them is said; or when it is stopped.
   */
  drained(): Promise<void> {
    return this.#activity.drained();
  }

  /** Its place in memory is wanted: from now on it leaves it as soon as it is still. */
  hurry(): void {
    this.#activity.hurry();
  }

  /** Resolves to undefined if the body left without an outcome. */
  step(request: StepRequest, body: Body): Promise<StepResult | undefined> {
    return this.#activity.moving(here(), 1, () => this.#step(request, body));
  }

  /**
   * Asks somebody outside. `answer` is given the number of the wait and resolves to what was said, or
   * to undefined if the program is to be left until there is an answer.
   */
  ask(
    request: WaitRequest,
    answer: (wait: number) => Promise<Outcome | undefined>,
  ): Promise<StepResult | undefined> {
    return this.#activity.moving(here(), 1, () => this.#ask(request, answer));
  }

  async #step(request: StepRequest, body: Body): Promise<StepResult | undefined> {
    const scope = here();
    const { kind, name, callId, hash } = request;
    const identity = { scope: scope.path, kind, name, callId, hash };
    const record = await this.#identification.recordOf(identity, request.input);
    if (record?.outcome !== undefined) return this.#replay(record, record.outcome);
    if (this.#isOver && !request.isContainer) return this.park(() => never<undefined>());

    const live = new LiveStep({ identity, input: request.input, record }, this.#writer);
    const beside = this.#identification.liveBeside(identity);
    for (const other of beside) {
      other.overlapped = live.overlapped = true;
      // Nothing but the order of their records tells equal ones apart.
      if (callId === undefined && other.identity.hash === hash) other.enter();
    }
    beside.add(live);
    let outcome: Outcome | undefined;
    try {
      outcome = await this.#settle(request, record);
      outcome ??= await this.#runner.run({ live, request, record, body });
    } finally {
      beside.delete(live);
    }
    if (this.#activity.isStopped) return never();
    if (outcome === undefined) {
      live.rest();
      return undefined;
    }
    if (record !== undefined) {
      // What is left on record inside is not asked for any more.
      const path = bodyPath(record.identity, record.seq);
      this.#gate.close(tryPath(path, record.failedTries + 1));
    }
    return this.#return(live, scope, outcome, request.abandoned ?? never());
  }

  async #ask(
    request: WaitRequest,
    answer: (wait: number) => Promise<Outcome | undefined>,
  ): Promise<StepResult | undefined> {
    const scope = here();
    const { kind, name, callId, hash, input, ahead } = request;
    const identity = { scope: scope.path, kind, name, callId, hash };
    const record = await this.#identification.recordOf(identity, input);
    if (record?.outcome !== undefined) {
      if (ahead) this.#gate.skip(record);
      return this.#replay(record, record.outcome, ahead);
    }
    if (this.#isOver) return this.park(() => never<undefined>());

    const live = new LiveStep({ identity, input, record }, this.#writer);
    if (record === undefined) await this.#activity.durable(live.announce().durable);
    const outcome = await this.park(() => answer(live.seq));
    if (outcome === undefined) return undefined;
    if (ahead) {
      await this.#activity.durable(live.ended(outcome));
      return { ...outcome, seq: live.seq, replayed: false, drift: false };
    }
    return this.#return(live, scope, outcome, never());
  }

  /** For a step on its way: it waits for somebody, and nothing of its scope goes on by itself. */
  park<T>(wait: () => Promise<T>): Promise<T> {
    return this.#activity.park(wait);
  }

  /**
   * Leaves the program where it is. Bodies are told by their signals; those that only wait inside are
   * at rest, whatever they are asked to do twice.
   */
  stop(reason: unknown): void {
    this.#activity.stop(reason);
  }

  async #replay(record: StepRecord, outcome: Outcome, ahead = false): Promise<StepResult> {
    if (!ahead) {
      const inTurn = await heldUp(here(), () => this.#gate.deliver(record));
      this.#returns(record.seq, inTurn);
    }
    return { ...outcome, seq: record.seq, replayed: true, drift: record.consumed === "drift" };
  }

  /** What was decided about a step whose end nobody knows; undefined if it is to be run. */
  async #settle(
    { settle }: StepRequest,
    record: StepRecord | undefined,
  ): Promise<Outcome | undefined> {
    if (record === undefined || record.isAtRest || settle === undefined) return undefined;
    const settled = await settle(record);
    return settled === "retry" ? undefined : settled;
  }

  /** Hands a new outcome to the program, unless that gave up waiting while it was on its way. */
  async #return(
    live: LiveStep,
    scope: Scope,
    outcome: Outcome,
    abandoned: Promise<Outcome>,
  ): Promise<StepResult> {
    const recorded = this.#activity.durable(live.ended(outcome));
    const turn = () => Promise.race([this.#gate.live(scope.path, !scope.fresh), abandoned]);
    const passed = recorded.then(() => heldUp(scope, turn));
    const givenUp = await Promise.race([passed, abandoned]);
    if (this.#activity.isStopped) return never();
    const returned = givenUp ?? outcome;
    // The program went on without the result: it never had it.
    if (returned !== outcome) await this.#activity.durable(live.ended(returned));
    this.#returns(live.seq, !this.#gate.hasDue);
    return { ...returned, seq: live.seq, replayed: false, drift: false };
  }

  #opened(scope: Scope): OpenScope {
    this.#gate.open(scope.path);
    const opened = new OpenScope(scope, () => {
      this.#gate.close(scope.path);
      this.#activity.moved(scope.path);
    });
    this.#activity.moved(scope.path);
    return opened;
  }

  /**
   * The next execution hands results back in the order of this one. It takes a result to come after
   * all that were recorded before it; where that is not so, the journal says what it came after.
   */
  #returns(step: number, inOrder: boolean): void {
    if (!inOrder && !this.#activity.isStopped) {
      const after = { text: String(this.#lastReturned) };
      this.#writer.append({ entry: "returned", step, value: after });
    }
    this.#lastReturned = step;
  }
}

export interface RetriedScope {
  /**
   * @param count the framework's own count of its tries in this execution, from 1
   * @param part is given the count over all executions
   */
  try<T>(count: number, part: (nth: number) => Promise<T>): Promise<T>;
  /** To be awaited before the next try. */
  failed(): Promise<void>;
}

function here(): Scope {
  return currentScope.getStore()!;
}

/** Counts as held up until it is its turn. */
async function heldUp<T>(scope: Scope, turn: () => Promise<T>): Promise<T> {
  scope.heldUp += 1;
  try {
    return await turn();
  } finally {
    scope.heldUp -= 1;
  }
}
