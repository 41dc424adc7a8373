/**
 * Hands results to the program: one at a time, so that what one sets off has run before the next is
 * given, live and on replay alike; and recorded ones in the order in which they were returned when
 * they were live, so that parallel branches replay as they ran.
 *
 * Invariant: a recorded result passes only when every result that was returned before it has passed,
 * a live one when all of them have. Results whose scope has closed are not waited for. Nothing waits
 * for ever: `release` lets the first in line pass when all is still.
 */
import type { Scheduler } from "./scheduler.ts";
import { isWithin, pathsAbove } from "./scope.ts";
import type { StepRecord } from "./step-record.ts";

interface Waiter {
  /** Undefined: a live result. */
  readonly record: StepRecord | undefined;
  readonly scope: string;
  /** Whether it waits for recorded results at all. */
  readonly waits: boolean;
  readonly pass: () => void;
}

export class Gate {
  readonly #scheduler: Scheduler;
  readonly #onMove: (scope: string) => void;
  /** What is still to be handed back, the next at the end; some of it may be gone already. */
  readonly #due: StepRecord[];
  /** By path, what was due there and below. */
  readonly #dueIn = new Map<string, StepRecord[]>();
  /** Handed back or given up. */
  readonly #gone = new Set<StepRecord>();
  readonly #open = new Set<string>();
  readonly #waiters: Waiter[] = [];
  #passing = false;
  /** Whether what passes is a recorded result. */
  #handsBack = false;
  #stopped = false;
  /** What held all up when something was released last. */
  #blocking: StepRecord | undefined;

  /** @param results in the order in which they were returned */
  constructor(
    results: readonly StepRecord[],
    scheduler: Scheduler,
    onMove: (scope: string) => void,
  ) {
    this.#due = results.toReversed();
    this.#scheduler = scheduler;
    this.#onMove = onMove;
    for (const record of results) {
      for (const path of pathsAbove(record.identity.scope)) {
        const due = this.#dueIn.get(path);
        if (due === undefined) this.#dueIn.set(path, [record]);
        else due.push(record);
      }
    }
  }

  /** Whether results are left that may still be asked for. */
  get hasDue(): boolean {
    return this.#next() !== undefined;
  }

  /** The scopes right below this one in which results were due; none when nothing is due any more. */
  below(scope: string): readonly string[] {
    if (!this.hasDue) return [];
    const isBelow = (path: string) =>
      path.startsWith(`${scope}/`) && !path.includes("/", scope.length + 1);
    return [...this.#dueIn.keys()].filter(isBelow);
  }

  /**
   * Resolves when every recorded result that is asked for and whose turn it is has been handed back: what
   * it does to the program's state is done before a body begins that runs again.
   */
  async quiet(): Promise<void> {
    if (!(this.hasDue || this.#handsBack)) return;
    do await this.#scheduler.turn();
    while (this.#handsBack && !this.#stopped);
  }

  /** Whether something in this scope waits for its turn. */
  isWaitedAt(scope: string): boolean {
    return this.#waiters.some((waiter) => isWithin(waiter.scope, scope));
  }

  open(scope: string): void {
    this.#open.add(scope);
  }

  /** What is left in the scope is not asked for any more, or by something that nobody waits for. */
  close(scope: string): void {
    this.#open.delete(scope);
    this.#giveUpAll(scope);
    this.#advance();
  }

  /** This result is not asked for any more. */
  skip(record: StepRecord): void {
    this.#gone.add(record);
    this.#advance();
  }

  /** Nothing passes any more. */
  stop(): void {
    this.#stopped = true;
    this.#passing = true;
  }

  /** Resolves when it is the turn of this record's result; to false if its turn had been given up. */
  deliver(record: StepRecord): Promise<boolean> {
    return this.#wait({ record, scope: record.identity.scope, waits: true });
  }

  /**
   * Resolves when a live result may be returned: after every recorded result, or, if it `waits` for
   * none, when the result before it has had its turn.
   */
  async live(scope: string, waits: boolean): Promise<void> {
    await this.#wait({ record: undefined, scope, waits });
  }

  /**
   * For when nothing moves: lets the one who has waited longest pass before its turn. If the same
   * result holds all up once more, it is not coming, and its turn is given up. False if nobody waits.
   */
  release(): boolean {
    const first = this.#waiters[0];
    if (first === undefined) return false;
    const missing = this.#next();
    if (missing !== undefined && missing === this.#blocking) this.#giveUp(missing);
    else void this.#pass(0);
    this.#blocking = missing;
    this.#onMove(first.scope);
    this.#advance();
    return true;
  }

  /** A scope that never opened is given up as a whole. */
  #giveUp(missing: StepRecord): void {
    const { scope } = missing.identity;
    if (this.#open.has(scope)) this.#gone.add(missing);
    else this.#giveUpAll(scope);
  }

  #giveUpAll(scope: string): void {
    for (const record of this.#dueIn.get(scope) ?? []) this.#gone.add(record);
    this.#dueIn.delete(scope);
  }

  /** Resolves to whether it passed in its turn. */
  #wait(waiter: Omit<Waiter, "pass">): Promise<boolean> {
    return new Promise((resolve) => {
      const pass = () => resolve(waiter.record === undefined || waiter.record === this.#next());
      this.#waiters.push({ ...waiter, pass });
      this.#onMove(waiter.scope);
      this.#advance();
    });
  }

  #advance(): void {
    if (this.#passing) return;
    const next = this.#next();
    const index = this.#waiters.findIndex(
      ({ record, waits }) =>
        !waits || record === next || (record !== undefined && this.#gone.has(record)),
    );
    if (index >= 0) void this.#pass(index);
  }

  async #pass(index: number): Promise<void> {
    this.#passing = true;
    const [waiter] = this.#waiters.splice(index, 1);
    const { record, scope, pass } = waiter!;
    this.#handsBack = record !== undefined;
    pass();
    if (record !== undefined) this.#gone.add(record);
    this.#onMove(scope);
    await this.#scheduler.turn();
    if (this.#stopped) return;
    this.#passing = this.#handsBack = false;
    this.#advance();
  }

  /** The result that is to be handed back next. */
  #next(): StepRecord | undefined {
    while (this.#due.length > 0 && this.#gone.has(this.#due.at(-1)!)) this.#due.pop();
    return this.#due.at(-1);
  }
}
