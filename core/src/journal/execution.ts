/**
 * One execution of a run's program over its journal: recorded steps return their records, others run
 * and are recorded.
 *
 * Invariants: a step that has returned to the program never runs again, since its outcome is durable
 * before it returns; no outcome goes to a request that is not certainly the one it belongs to; and
 * once the run is lost, nothing returns to the program any more: it stops where it is.
 */
import type { JournalWriter } from "../store/index.ts";
import { Gate } from "./gate.ts";
import { HeldRequests, STALL_MS, type Stillness } from "./held-requests.ts";
import type { History } from "./history.ts";
import { LiveStep } from "./live-step.ts";
import { match } from "./match.ts";
import { RecordGroup } from "./record-group.ts";
import type { Scheduler } from "./scheduler.ts";
import { bodyPath, currentScope, isWithin, Scope } from "./scope.ts";
import { groupKey, type Outcome, type StepIdentity, type StepRecord } from "./step-record.ts";
import type { StepRequest, StepResult } from "./step-request.ts";

/** What an execution tells about itself while it goes on. */
export interface ExecutionReports {
  /** A request contradicts the journal. It stays unanswered until what came first is asked for. */
  diverged(request: StepIdentity, group: readonly StepRecord[]): void;
  /** The process died while the step ran, and it must not be run again unasked. */
  inDoubt(record: StepRecord): void;
  /** Results had to be handed back in another order than the recorded one. */
  reordered(): void;
}

export interface ExecutionParts {
  readonly history: History;
  readonly writer: JournalWriter;
  readonly scheduler: Scheduler;
  readonly reports: ExecutionReports;
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

export class Execution {
  readonly #history: History;
  readonly #writer: JournalWriter;
  readonly #scheduler: Scheduler;
  readonly #reports: ExecutionReports;
  readonly #groups = new Map<string, Group>();
  readonly #gate: Gate;
  readonly #held: HeldRequests;
  /** The scopes in which bodies run now, one entry for each body. */
  readonly #bodies: string[] = [];
  #disarm: () => void = () => {};
  #lastReturned = 0;

  constructor({ history, writer, scheduler, reports }: ExecutionParts) {
    this.#history = history;
    this.#writer = writer;
    this.#scheduler = scheduler;
    this.#reports = reports;
    this.#gate = new Gate(history.results(), scheduler, (scope) => this.#moved(scope));
    this.#held = new HeldRequests(
      scheduler,
      (scope) => this.#bodies.some((body) => isWithin(body, scope)) || this.#gate.isWaitedAt(scope),
    );
  }

  /** Runs the program in its root scope. */
  run<T>(program: () => Promise<T>): Promise<T> {
    return this.#within(new Scope("", false), program);
  }

  /** Runs a part of the program in a scope of its own below the current one. */
  scope<T>(label: string, part: () => Promise<T>): Promise<T> {
    const outer = here();
    return this.#within(new Scope(outer.childPath(label), outer.fresh), part);
  }

  /**
   * A scope that its framework tries again when it fails. A new try is a new scope, so that it gets
   * new results; after a crash the framework counts from 1 again, and goes on with the newest try.
   */
  retriedScope(label: string): RetriedScope {
    const outer = here();
    const path = outer.childPath(label);
    const before = this.#history.failedTries.get(path) ?? 0;
    return {
      try: (count, part) => {
        const nth = before + count;
        const scope = new Scope(nth === 1 ? path : `${path}~${nth}`, outer.fresh || count > 1);
        return this.#within(scope, part);
      },
      failed: () =>
        this.#durable(this.#writer.append({ entry: "try failed", scope: path }).durable),
    };
  }

  async step(request: StepRequest, body: () => Promise<Outcome>): Promise<StepResult> {
    const { kind, name, callId, hash } = request;
    const identity = { scope: here().path, kind, name, callId, hash };
    const group = this.#groupOf(identity);
    const record = await this.#identify(identity, group);
    if (record?.outcome === undefined) {
      return this.#perform(request, identity, group, record, body);
    }
    const inTurn = await this.#gate.deliver(record);
    this.#returns(record.seq, inTurn);
    const { failed, text } = record.outcome;
    return { seq: record.seq, failed, text, replayed: true, drift: record.consumed === "drift" };
  }

  /** The record the request stands for, or undefined for a new step. Waits while that is unclear. */
  #identify(identity: StepIdentity, group: Group): Promise<StepRecord | undefined> {
    group.requests += 1;
    const nth = group.requests;
    return new Promise((resolve) => {
      const take = (record: StepRecord | undefined, consumed: "exact" | "drift") => {
        if (record !== undefined) group.records.take(record, consumed);
        resolve(record);
        return true;
      };
      const request = {
        scope: identity.scope,
        group: group.key,
        decide: (stillness: Stillness): boolean => {
          const contested = this.#held.contests(group.key, request);
          const found = match(identity, { records: group.records, nth, contested });
          if (found.is === "new") return take(undefined, "exact");
          if (found.is === "record") return take(found.record, found.drift ? "drift" : "exact");
          const likely = found.is === "unclear" ? found.likely : undefined;
          if (likely !== undefined && stillness !== "moving") return take(likely, "drift");
          if (found.is === "divergence" || stillness === "stalled") {
            this.#reports.diverged(identity, group.records.all);
          }
          return false;
        },
      };
      if (request.decide("moving")) this.#held.decideAgain(group.key);
      else this.#held.hold(request);
      this.#moved(identity.scope);
    });
  }

  async #perform(
    request: StepRequest,
    identity: StepIdentity,
    group: Group,
    record: StepRecord | undefined,
    body: () => Promise<Outcome>,
  ): Promise<StepResult> {
    if (record !== undefined && request.once) {
      this.#reports.inDoubt(record);
      return never();
    }
    const live = new LiveStep({ identity, input: request.input, record }, this.#writer);
    for (const other of group.live) other.overlapped = live.overlapped = true;
    group.live.add(live);
    if (request.once) await this.#durable(live.announce().durable);
    const unannounce = this.#scheduler.after(ANNOUNCE_MS, () => live.announce());

    const running = this.#runBody(live, request.name, identity.scope, body);
    const abandoned = request.abandoned ?? never<Outcome>();
    let outcome = await Promise.race([running, abandoned]);
    unannounce();
    live.announce();
    group.live.delete(live);
    const recorded = this.#record(live, outcome);
    void running.then((late) => {
      if (late !== outcome) this.#writer.append({ entry: "late", step: live.seq });
    });
    const passed = recorded.then(() => this.#gate.live(identity.scope, !here().fresh));
    const givenUp = await Promise.race([passed, abandoned]);
    if (givenUp !== undefined && givenUp !== outcome) {
      // The program went on without the result while that was on its way: it never had it.
      outcome = givenUp;
      await this.#record(live, outcome);
    }
    this.#returns(live.seq, !this.#gate.hasDue);
    return { ...outcome, seq: live.seq, replayed: false, drift: false };
  }

  #record(live: LiveStep, { failed, text }: Outcome): Promise<void> {
    const { durable } = this.#writer.append({
      entry: failed ? "failed" : "finished",
      step: live.seq,
      overlapped: live.overlapped,
      ...(text === undefined ? {} : { value: { text } }),
    });
    return this.#durable(durable);
  }

  async #runBody(
    live: LiveStep,
    name: string,
    scope: string,
    body: () => Promise<Outcome>,
  ): Promise<Outcome> {
    this.#bodies.push(scope);
    this.#moved(scope);
    const inside = new Scope(() => {
      const path = bodyPath({ scope, name }, live.seq);
      this.#gate.open(path);
      return path;
    }, here().fresh);
    try {
      return await currentScope.run(inside, body);
    } finally {
      this.#bodies.splice(this.#bodies.indexOf(scope), 1);
      this.#moved(scope);
    }
  }

  async #within<T>(scope: Scope, part: () => Promise<T>): Promise<T> {
    const { path } = scope;
    this.#gate.open(path);
    this.#moved(path);
    try {
      return await currentScope.run(scope, part);
    } finally {
      this.#gate.close(path);
      this.#moved(path);
    }
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

  /** A lost run returns nothing to its program any more; whoever runs it learns of it from the writer. */
  #durable(durable: Promise<void>): Promise<void> {
    return durable.catch(() => never<void>());
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
    this.#held.moved(scope);
    this.#disarm();
    if (!this.#gate.isWaitedAt("") || this.#bodies.length > 0) return;
    this.#disarm = this.#scheduler.after(STALL_MS, () => {
      if (this.#gate.release()) this.#reports.reordered();
    });
  }
}

export interface RetriedScope {
  /** @param count the framework's own count of its tries, from 1 */
  try<T>(count: number, part: () => Promise<T>): Promise<T>;
  /** To be awaited before the next try. */
  failed(): Promise<void>;
}

function here(): Scope {
  return currentScope.getStore()!;
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}
