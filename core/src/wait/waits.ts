/**
 * The open questions of a run, for its owner: opens them, hears what is said, gives it to whoever
 * asked. Invariants: a question is durable before anybody can answer it; of a decision, an expiry and
 * a timer that fires the first written counts, whoever wrote it; a signal goes to one wait, in the
 * order in which signals came; and what was asked in the body of a step is given nothing, and withdrawn,
 * once that has ended.
 */
import type { History, Scheduler, Scope } from "../journal/index.ts";
import { isOrder } from "../run/orders.ts";
import type { Control, JournalWriter, NewControl, Store, Wait } from "../store/index.ts";
import { consumedSignals } from "./answer.ts";

export interface WaitsParts {
  /** A question was answered that the program was left with: it is to be run again. */
  readonly onLeftAnswered: () => void;
  /** Something was said about the run as a whole. */
  readonly onOrder: (order: Control) => void;
  readonly runId: string;
  readonly store: Store;
  readonly writer: JournalWriter;
  readonly scheduler: Scheduler;
}

/** A question as its owner keeps it. */
export interface OpenQuestion {
  readonly seq: number;
  readonly kind: string;
  readonly name: string;
  readonly fingerprint: string;
  /** What is asked, encoded. */
  readonly body?: string | undefined;
  /** Milliseconds from the first time it is asked until it falls due. */
  readonly dueInMs?: number | undefined;
  /** Where it is asked. Default: nowhere that ends. */
  readonly scope?: Scope | undefined;
}

interface Asked {
  readonly question: OpenQuestion;
  readonly answered: (control: Control) => void;
}

/** The database decides when a wait is due; asked too early, it is asked again so much later. */
const TOO_EARLY_MS = 50;

export class Waits {
  readonly #parts: WaitsParts;
  /** Those that the database has, by number. */
  readonly #stored = new Map<number, Wait>();
  readonly #asked = new Map<number, Asked>();
  /** Of those that fall due, what prevents it. */
  readonly #timers = new Map<number, () => void>();
  /** Those that the program was left with, to be asked again. */
  readonly #left: OpenQuestion[] = [];
  readonly #said = new Map<string, Control>();
  #signals: Control[] = [];
  #heardUpTo = 0;
  #stopped = false;

  private constructor(parts: WaitsParts) {
    this.#parts = parts;
  }

  /** Reads what is open, and what was said so far. What fell due while nobody was there does now. */
  static async of(parts: WaitsParts, history: History): Promise<Waits> {
    const waits = new Waits(parts);
    const { store, runId, writer } = parts;
    const { spaceId } = writer;
    const [open] = await Promise.all([store.waits(runId, { spaceId }), waits.#hearNew()]);
    for (const wait of open) waits.#stored.set(wait.seq, wait);
    const overdue = open.filter(({ dueInMs }) => dueInMs !== undefined && dueInMs <= 0);
    for (const { seq } of overdue) await store.say(runId, due(seq));
    if (overdue.length > 0) await waits.#hearNew();
    const consumed = consumedSignals(history);
    waits.#signals = waits.#signals.filter(({ seq }) => !consumed.has(seq));
    return waits;
  }

  /** The number of the newest thing heard: what comes after it is to be told by `hear`. */
  get heardUpTo(): number {
    return this.#heardUpTo;
  }

  /** The questions that the program waits for right now. */
  get open(): readonly OpenQuestion[] {
    const asked = [...this.#asked.values()].map(({ question }) => question);
    return [...asked.filter(({ scope }) => !scope?.isPast), ...this.#left];
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Whether a question that the program was left with has its answer. */
  get isLeftAnswered(): boolean {
    return this.#left.some((question) => this.#findAnswer(question) !== undefined);
  }

  /** Something was said to the run. */
  hear(control: Control): void {
    if (control.seq <= this.#heardUpTo) return;
    this.#heardUpTo = control.seq;
    if (control.kind === "signal") this.#signals.push(control);
    else if (isOrder(control)) this.#parts.onOrder(control);
    else this.#said.set(control.key, control);
    this.#withdrawPast();
    for (const asked of [...this.#asked.values()]) this.#tryToAnswer(asked);
    if (this.isLeftAnswered) this.#parts.onLeftAnswered();
  }

  /** What was said to this question already, if anything was; otherwise it is open from now on. */
  answerNow(question: OpenQuestion): Control | undefined {
    const control = this.#answerTo(question);
    if (control === undefined) {
      this.#open(question);
      this.#left.push(question);
    } else {
      this.#stored.delete(question.seq);
      this.#parts.writer.closeWait(question.seq);
    }
    return control;
  }

  /** Resolves when the question is answered, or due; never if it is withdrawn before. */
  answer(question: OpenQuestion): Promise<Control> {
    return new Promise((resolve) => {
      const asked = { question, answered: resolve };
      this.#asked.set(question.seq, asked);
      this.#withdrawPast();
      if (!this.#asked.has(question.seq) || this.#tryToAnswer(asked)) return;
      this.#open(question);
      this.#watchDue(question);
    });
  }

  /** Nobody asks this any more. Asked once more, it is another question. */
  withdraw(seq: number): void {
    const { writer } = this.#parts;
    this.#forget(seq);
    this.#stored.delete(seq);
    writer.append({ entry: "withdrawn", step: seq });
    writer.closeWait(seq);
  }

  /**
   * For when every branch of the program waits: what an earlier execution asked and this one did not
   * is not shown to people any more.
   */
  withdrawUnasked(): void {
    this.#withdrawPast();
    const asked = new Set(this.open.map(({ seq }) => seq));
    for (const { seq, kind } of [...this.#stored.values()]) {
      if (kind === "doubt" || asked.has(seq)) continue;
      if (!this.#said.has(waitKey(seq))) this.withdraw(seq);
      else {
        // Its asker is only late: what was said to it is there when it comes.
        this.#stored.delete(seq);
        this.#parts.writer.closeWait(seq);
      }
    }
  }

  /** The owner lets go: nothing is answered any more. What is said is for who comes next. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
  }

  /** Of bodies that have ended: seen to when it could matter to others. */
  #withdrawPast(): void {
    if (this.#stopped) return;
    for (const { question } of [...this.#asked.values()]) {
      if (question.scope?.isPast) this.withdraw(question.seq);
    }
  }

  #forget(seq: number): void {
    this.#asked.delete(seq);
    this.#timers.get(seq)?.();
    this.#timers.delete(seq);
  }

  #tryToAnswer(asked: Asked): boolean {
    const { question, answered } = asked;
    const control = this.#answerTo(question);
    if (control === undefined) return false;
    this.#forget(question.seq);
    this.#stored.delete(question.seq);
    this.#parts.writer.closeWait(question.seq);
    answered(control);
    return true;
  }

  /** A signal that is taken is gone. */
  #answerTo(question: OpenQuestion): Control | undefined {
    const found = this.#stopped ? undefined : this.#findAnswer(question);
    if (found?.kind === "signal") this.#signals.splice(this.#signals.indexOf(found), 1);
    return found;
  }

  #findAnswer({ seq, kind, name }: OpenQuestion): Control | undefined {
    const said = this.#said.get(waitKey(seq));
    if (said !== undefined || kind !== "signal") return said;
    return this.#signals.find((signal) => signal.name === name);
  }

  #open(question: OpenQuestion): void {
    if (this.#stored.has(question.seq)) return;
    const { seq, kind, name, fingerprint, body, dueInMs } = question;
    const optional = {
      ...(body === undefined ? {} : { body }),
      ...(dueInMs === undefined ? {} : { dueInMs }),
    };
    this.#parts.writer.openWait({ seq, kind, name, fingerprint, ...optional });
  }

  #watchDue({ seq, dueInMs }: OpenQuestion): void {
    const left = this.#stored.get(seq)?.dueInMs ?? dueInMs;
    if (left !== undefined) this.#fireIn(seq, left);
  }

  #fireIn(seq: number, ms: number): void {
    if (this.#stopped || !this.#asked.has(seq)) return;
    const cancel = this.#parts.scheduler.after(Math.max(ms, 0), () => void this.#fire(seq));
    this.#timers.set(seq, cancel);
  }

  async #hearNew(): Promise<void> {
    const { store, runId, writer } = this.#parts;
    const { spaceId } = writer;
    const said = await store.said(runId, { after: this.#heardUpTo, spaceId });
    for (const control of said) this.hear(control);
  }

  async #fire(seq: number): Promise<void> {
    const { store, runId } = this.#parts;
    try {
      const { control } = await store.say(runId, due(seq));
      if (control === undefined) this.#fireIn(seq, TOO_EARLY_MS);
      // Not only this: what was said before it may not have been heard yet.
      else await this.#hearNew();
    } catch {
      this.#fireIn(seq, TOO_EARLY_MS);
    }
  }
}

/** Says that nobody answered in time, if that is so: the database decides. */
function due(seq: number): NewControl {
  return {
    key: waitKey(seq),
    kind: "due",
    author: "system",
    on: { wait: seq, while: "due" },
  };
}

/** What is said to a wait is said under this key: the first to do so wins. */
export function waitKey(seq: number): string {
  return `wait/${seq}`;
}
