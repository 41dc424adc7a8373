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
import { Gate } from "./gate.ts";
import { HeldRequests, STALL_MS, type Stillness } from "./held-requests.ts";
import type { History } from "./history.ts";
import { LiveStep } from "./live-step.ts";
import { match } from "./match.ts";
import { OpenScope } from "./open-scope.ts";
import { RecordGroup } from "./record-group.ts";
import { RunningBodies } from "./running-bodies.ts";
import type { Scheduler } from "./scheduler.ts";
import { bodyPath, currentScope, Scope, type StepInside, tryPath } from "./scope.ts";
import { groupKey, type Outcome, type StepIdentity, type StepRecord } from "./step-record.ts";
import type { StepRequest, StepResult, WaitRequest } from "./step-request.ts";

/** What an execution tells about itself while it goes on. */
export interface ExecutionReports {
  /** A request contradicts the journal. It stays unanswered until what came first is asked for. */
  diverged(contradiction: ContradictedRequest): void;
  /** Results had to be handed back in another order than the recorded one. */
  reordered(): void;
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
  /** Of a run that is over: nothing runs that is not recorded, and what never ended does not end. */
  readonly isOver?: boolean;
}

/** A step's body. It never rejects; `undefined` says that it left without an outcome, to come back. */
export type Body = (inside: StepInside) => Promise<BodyOutcome | undefined>;

export interface BodyOutcome extends Outcome {
  /** What the body came to after it was given up, if it ever does. */
  readonly late?: Promise<Outcome>;
}

interface Group {
  readonly key: string;
  readonly records: RecordGroup;
  /** Requests so far in this execution. */
  requests: number;
  readonly live: Set<LiveStep>;
}

/** A body that ran this long is announced in the journal before it ends. */
const ANNOUNCE_MS = 20;
const HOT_MS = 10_000;

export class Execution {
  readonly #history: History;
  readonly #writer: JournalWriter;
  readonly #scheduler: Scheduler;
  readonly #reports: ExecutionReports;
  readonly #hotMs: number;
  readonly #isOver: boolean;
  readonly #groups = new Map<string, Group>();
  readonly #gate: Gate;
  readonly #held: HeldRequests;
  readonly #bodies = new RunningBodies();
  readonly #root = new Scope({ execution: this, path: "" });
  readonly #aborter = new AbortController();
  /** How many waits are parked. */
  #parked = 0;
  #disarm: () => void = () => {};
  #lastReturned = 0;
  readonly #whenMoved: (() => void)[] = [];

  constructor({ history, writer, scheduler, reports, hotMs, isOver }: ExecutionParts) {
    this.#history = history;
    this.#writer = writer;
    this.#scheduler = scheduler;
    this.#reports = reports;
    this.#hotMs = hotMs ?? HOT_MS;
    this.#isOver = isOver ?? false;
    this.#gate = new Gate(history.results(), scheduler, (scope) => this.#moved(scope));
    this.#held = new HeldRequests(
      scheduler,
      (scope) => this.#bodies.isBusy(scope) || this.#gate.isWaitedAt(scope),
    );
  }

  /** Aborted when it is stopped. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  get #stopped(): boolean {
    return this.#aborter.signal.aborted;
  }

  /** Runs the program in its root scope. */
  run<T>(program: () => Promise<T>): Promise<T> {
    return this.#opened(this.#root).runAndClose(program);
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
      failed: () =>
        this.#durable(this.#writer.append({ entry: "try failed", scope: path }).durable),
    };
  }

  /** The framework keeps what came of this part of the program: its records are not asked for. */
  restored(path: string): void {
    this.#gate.close(path);
    this.#moved(path);
  }

  /** The scopes right below this one of which results are left to be asked for. */
  recordedBelow(path: string): readonly string[] {
    return this.#gate.below(path);
  }

  /** Resolves when no body does anything any more, and all that came of them is said; or when it is stopped. */
  async idle(): Promise<void> {
    const isIdle = () => this.#bodies.areAtRest || this.#stopped;
    do {
      while (!isIdle()) await new Promise<void>((resolve) => this.#whenMoved.push(resolve));
      await this.#scheduler.turn();
    } while (!isIdle());
  }

  /** Resolves to undefined if the body left without an outcome. */
  step(request: StepRequest, body: Body): Promise<StepResult | undefined> {
    return this.#moving(here(), 1, () => this.#step(request, body));
  }

  /**
   * Asks somebody outside. `answer` is given the number of the wait and resolves to what was said, or
   * to undefined if the program is to be left until there is an answer.
   */
  ask(
    request: WaitRequest,
    answer: (wait: number) => Promise<Outcome | undefined>,
  ): Promise<StepResult | undefined> {
    return this.#moving(here(), 1, () => this.#ask(request, answer));
  }

  async #step(request: StepRequest, body: Body): Promise<StepResult | undefined> {
    const scope = here();
    const { kind, name, callId, hash } = request;
    const identity = { scope: scope.path, kind, name, callId, hash };
    const group = this.#groupOf(identity);
    const record = await this.#identify(identity, group, request.input);
    if (record?.outcome !== undefined) return this.#replay(record, record.outcome);
    if (this.#isOver && !request.isContainer) return this.park(() => never<undefined>());

    const live = new LiveStep({ identity, input: request.input, record }, this.#writer);
    for (const other of group.live) other.overlapped = live.overlapped = true;
    group.live.add(live);
    const settled = await this.#settle(request, record);
    const outcome = settled ?? (await this.#perform(live, request, record, body));
    group.live.delete(live);
    if (outcome === undefined) {
      if (!this.#stopped) live.rest();
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
    const record = await this.#identify(identity, this.#groupOf(identity), input);
    if (record?.outcome !== undefined) {
      if (ahead) this.#gate.skip(record);
      return this.#replay(record, record.outcome, ahead);
    }
    if (this.#isOver) return this.park(() => never<undefined>());

    const live = new LiveStep({ identity, input, record }, this.#writer);
    if (record === undefined) await this.#durable(live.announce().durable);
    const outcome = await this.park(() => answer(live.seq));
    if (outcome === undefined) return undefined;
    if (ahead) {
      await this.#durable(live.ended(outcome));
      return { ...outcome, seq: live.seq, replayed: false, drift: false };
    }
    return this.#return(live, scope, outcome, never());
  }

  /** For a step on its way: it waits for somebody, and nothing of its scope goes on by itself. */
  async park<T>(wait: () => Promise<T>): Promise<T> {
    const scope = here();
    const count = (by: number) => {
      scope.parked += by;
      this.#parked += by;
    };
    count(1);
    try {
      return await this.#moving(scope, -1, wait);
    } finally {
      count(-1);
    }
  }

  /**
   * Leaves the program where it is. Bodies are told by their signals; those that only wait inside are
   * at rest, whatever they are asked to do twice.
   */
  stop(reason: unknown): void {
    if (this.#stopped) return;
    this.#aborter.abort(reason);
    this.#disarm();
    this.#gate.stop();
    this.#held.stop();
    this.#bodies.stop(reason);
    for (const resolve of this.#whenMoved.splice(0)) resolve();
  }

  /** The record the request stands for, or undefined for a new step. Waits while that is unclear. */
  #identify(
    identity: StepIdentity,
    group: Group,
    input: readonly string[] | undefined,
  ): Promise<StepRecord | undefined> {
    group.requests += 1;
    const nth = group.requests;
    const scope = here();
    return new Promise((resolve) => {
      const take = (record: StepRecord | undefined, consumed: "exact" | "drift") => {
        if (record !== undefined) group.records.take(record, consumed);
        if (consumed === "drift" && record !== undefined) this.#noteDrift(record, identity);
        if (isHeld) scope.heldUp -= 1;
        resolve(record);
        return true;
      };
      const request = {
        scope: identity.scope,
        group: group.key,
        decide: (stillness: Stillness): boolean => {
          const contested = this.#held.contests(group.key, request);
          const found = match(identity, { records: group.records, nth, contested });
          if (found.is === "replacement") {
            this.#replace(group, found.record);
            return request.decide(stillness);
          }
          if (found.is === "new" && !this.#isOver) return take(undefined, "exact");
          if (found.is === "record") return take(found.record, found.drift ? "drift" : "exact");
          const likely = found.is === "unclear" ? found.likely : undefined;
          if (likely !== undefined && stillness !== "moving") return take(likely, "drift");
          // Of a run that is over, a new one may have lost a race before anything was said of it.
          if (found.is === "divergence" || stillness === "stalled") {
            this.#reports.diverged({ identity, input, group: group.records.all, at });
          }
          return false;
        },
      };
      let at: string | undefined;
      let isHeld = false;
      if (request.decide("moving")) this.#held.decideAgain(group.key);
      else {
        at = new Error().stack;
        isHeld = true;
        scope.heldUp += 1;
        this.#held.hold(request);
      }
      this.#moved(identity.scope);
    });
  }

  #noteDrift(record: StepRecord, { hash }: StepIdentity): void {
    if (record.driftNoted || record.outcome === undefined) return;
    record.driftNoted = true;
    this.#writer.append({ entry: "drift", step: record.seq, hash });
  }

  #replace(group: Group, record: StepRecord): void {
    group.records.take(record, "exact");
    this.#gate.skip(record);
    this.#reports.replaced(record);
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

  async #perform(
    live: LiveStep,
    request: StepRequest,
    record: StepRecord | undefined,
    body: Body,
  ): Promise<Outcome | undefined> {
    const running = this.#runTries(live, request, record, body);
    const outcome = await Promise.race([running, request.abandoned ?? never<Outcome>()]);
    live.over = true;
    if (live.inBody) here().moving += 1; // That its body has ended does not say so any more.
    void running.then((late) => {
      if (late !== undefined && late !== outcome && !this.#stopped) live.late(late);
    });
    return outcome;
  }

  async #runTries(
    live: LiveStep,
    request: StepRequest,
    record: StepRecord | undefined,
    body: Body,
  ): Promise<Outcome | undefined> {
    const parent = here();
    const failedBefore = record?.failedTries ?? 0;
    for (let nth = failedBefore + 1; ; nth += 1) {
      live.begin();
      if (request.announced) await this.#durable(live.announce().durable);
      const unannounce = this.#scheduler.after(ANNOUNCE_MS, () => {
        if (!this.#stopped) live.announce();
      });
      const fresh = parent.fresh || nth > failedBefore + 1;
      const onPath = (path: string) => this.#gate.open(path);
      const running = this.#bodies.begin({ live, parent, nth, fresh, onPath });
      const outcome = await this.#inBody(live, parent, async () => {
        const came = await currentScope.run(running.scope, () => body(running.inside));
        unannounce();
        running.end();
        return came;
      });
      void outcome?.late?.then((late) => this.#stopped || live.late(late));
      const again = outcome?.failed ? request.retryAfter?.(outcome, nth) : undefined;
      const isLast = again === undefined || live.over || this.#stopped;
      if (outcome === undefined || isLast) return outcome;
      await this.#durable(live.tryFailed(running.basePath, outcome));
      await new Promise<void>((resolve) => this.#scheduler.after(again, resolve));
      if (live.over) return undefined;
    }
  }

  /** Hands a new outcome to the program, unless that gave up waiting while it was on its way. */
  async #return(
    live: LiveStep,
    scope: Scope,
    outcome: Outcome,
    abandoned: Promise<Outcome>,
  ): Promise<StepResult> {
    const recorded = this.#durable(live.ended(outcome));
    const passed = recorded.then(() =>
      heldUp(scope, () => this.#gate.live(scope.path, !scope.fresh)),
    );
    const givenUp = await Promise.race([passed, abandoned]);
    const returned = givenUp ?? outcome;
    // The program went on without the result: it never had it.
    if (returned !== outcome) await this.#durable(live.ended(returned));
    this.#returns(live.seq, !this.#gate.hasDue);
    return { ...returned, seq: live.seq, replayed: false, drift: false };
  }

  /** While a part of a step lasts, the step counts as under way in its scope, or, by -1, does not. */
  async #moving<T>(scope: Scope, by: 1 | -1, part: () => Promise<T>): Promise<T> {
    if (this.#stopped) return never();
    scope.moving += by;
    this.#moved(scope.knownPath);
    try {
      return await part();
    } finally {
      if (this.#stopped) await never();
      scope.moving -= by;
      this.#moved(scope.knownPath);
    }
  }

  /** While its body runs, a step is not under way in its scope. */
  async #inBody<T>(live: LiveStep, scope: Scope, part: () => Promise<T>): Promise<T> {
    if (this.#stopped) return never();
    live.inBody = true;
    scope.moving -= 1;
    this.#moved(scope.knownPath);
    const result = await part();
    if (this.#stopped) return never();
    live.inBody = false;
    if (!live.over) scope.moving += 1;
    this.#moved(scope.knownPath);
    return result;
  }

  #opened(scope: Scope): OpenScope {
    this.#gate.open(scope.path);
    const opened = new OpenScope(scope, () => {
      this.#gate.close(scope.path);
      this.#moved(scope.path);
    });
    this.#moved(scope.path);
    return opened;
  }

  #groupOf(identity: StepIdentity): Group {
    const key = groupKey(identity);
    let group = this.#groups.get(key);
    if (group === undefined) {
      const records = new RecordGroup(this.#history.groups.get(key) ?? []);
      group = { key, records, requests: 0, live: new Set() };
      this.#groups.set(key, group);
    }
    return group;
  }

  /** A lost run returns nothing to its program any more. */
  #durable(durable: Promise<void>): Promise<void> {
    return durable.catch(() => {
      this.#reports.lost();
      return never<void>();
    });
  }

  /**
   * The next execution hands results back in the order of this one. It takes a result to come after
   * all that were recorded before it; where that is not so, the journal says what it came after.
   */
  #returns(step: number, inOrder: boolean): void {
    if (!inOrder) {
      const after = { text: String(this.#lastReturned) };
      this.#writer.append({ entry: "returned", step, value: after });
    }
    this.#lastReturned = step;
  }

  /** Something happened in this scope: the stillness around it begins anew. */
  #moved(scope: string): void {
    if (this.#stopped) return;
    for (const resolve of this.#whenMoved.splice(0)) resolve();
    this.#held.moved(scope);
    this.#disarm();
    if (this.#bodies.isBusy("")) return;
    if (this.#gate.isWaitedAt("")) {
      this.#disarm = this.#scheduler.after(STALL_MS, () => {
        if (this.#gate.release()) this.#reports.reordered();
      });
    } else if (this.#parked > 0) {
      this.#disarm = this.#scheduler.after(this.#hotMs, () => {
        if (this.#root.waits) this.#reports.waiting();
      });
    }
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

function never<T>(): Promise<T> {
  return new Promise(() => {});
}
