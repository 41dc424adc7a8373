/**
 * Sees everything the program does in all its executions, from outside the journal, and knows what may
 * not happen: a step that has returned runs again; a result or an answer goes to another request; a
 * point of the program that has returned returns something else later; a race that had consequences
 * turns out otherwise; somebody is asked for nothing.
 */
import type { Control, NewEntry, NewWait } from "@holdfast/core/store";

interface Point {
  /** Times its body was begun, in all executions. */
  begun: number;
  /** The newest try that was begun, and whether it failed. */
  nth: number;
  nthFailed: boolean;
  /** Whether the run was suspended while it only waited inside: it is to begin again. */
  atRest: boolean;
  /** Whether its process has let go of the run in peace since it was begun. */
  isCertain: boolean;
  /** Somebody said that it is to be run again. */
  mayRunAgain: boolean;
  /** What it returned, in whichever execution that was. */
  returned: string | undefined;
  /** The newest try that came to its end in a process that let go of the run in order. */
  kept: number;
}

interface Begin {
  readonly once: boolean;
  /** The how-manieth try of it this is said to be. */
  readonly nth: number;
  /** How many there may be. */
  readonly tries: number;
}

/** An answer as its asker got it. */
interface Answered {
  readonly execution: number;
  /** All that tells this question from others. Equal ones share their answers. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly body: string | undefined;
  readonly control: number;
  readonly value: unknown;
}

interface Opened extends NewWait {
  readonly at: number;
}

const EPOCH = Date.UTC(2026, 0, 1);

export class Oracle {
  readonly #points = new Map<string, Point>();
  readonly #pointOf = new Map<number, string>();
  readonly #decisions = new Map<string, string>();
  /** Those whose body was begun in the process that is, and those where it is under way. */
  readonly #begun = new Set<string>();
  readonly #running = new Set<string>();
  /** By point, the newest try that came to its end in the process that is. */
  readonly #came = new Map<string, number>();
  readonly #waits = new Map<number, Opened>();
  readonly #said: Control[] = [];
  readonly #keys = new Set<string>();
  /** By number, whose the answer is, and the execution that gave it away last. */
  readonly #given = new Map<number, { readonly group: string; execution: number }>();
  /** By step, how often somebody was asked what became of it. */
  readonly #doubts = new Map<number, number>();
  /** By step, how often the journal was told that its body begins. */
  readonly #announced = new Map<number, number>();
  readonly violations: string[] = [];
  /** The journal said that it could not keep the order of results: races may turn out otherwise now. */
  #orderGivenUp = false;

  readonly #isSteady: boolean;

  /** @param isSteady whether results may never be given in another order than the recorded one */
  constructor(isSteady: boolean) {
    this.#isSteady = isSteady;
  }

  static dateAt(now: number): Date {
    return new Date(EPOCH + now);
  }

  /** A body begins. Steps with the same input in one group are the same to the rules, and to us. */
  began(point: string, { once, nth, tries }: Begin): void {
    const known = this.#point(point);
    known.begun += 1;
    if (known.returned !== undefined) this.violated(`${point} had returned and ran again`);
    if (nth <= known.kept) this.violated(`${point} had come to its end and ran again`);
    const isNext = nth === known.nth + 1 && known.nthFailed;
    const mayRun = known.begun === 1 || known.atRest || known.mayRunAgain || isNext;
    if (once && !mayRun) this.violated(`${point} may run only once and ran again`);
    if (nth !== known.nth && !isNext) {
      this.violated(`${point} began try ${nth} after try ${known.nth}`);
    }
    if (nth > tries) this.violated(`${point} began try ${nth} of ${tries}`);
    Object.assign(known, { nth, nthFailed: false, atRest: false, isCertain: false });
    known.mayRunAgain = false;
    this.#begun.add(point);
    this.#running.add(point);
  }

  /** A body has come to its end. */
  ended(point: string, failed: boolean): void {
    this.#point(point).nthFailed = failed;
    this.#running.delete(point);
  }

  /** A body has come to its end in time: what it came to is to be kept. */
  cameTo(point: string, nth: number): void {
    this.#came.set(point, nth);
  }

  begun(point: string): number {
    return this.#point(point).begun;
  }

  /** The process is gone. `inOrder`: it let go of the run. `suspended`: in peace, nothing was cut short. */
  processEnded({ inOrder, suspended }: { inOrder: boolean; suspended: boolean }): void {
    if (inOrder) for (const [point, nth] of this.#came) this.#point(point).kept = nth;
    this.#came.clear();
    if (suspended) for (const point of this.#running) this.#point(point).atRest = true;
    for (const point of this.#begun) this.#point(point).isCertain = suspended;
    this.#running.clear();
    this.#begun.clear();
  }

  /** A body left to come back. */
  left(point: string): void {
    this.#point(point).nthFailed = false;
  }

  returned(
    point: string,
    asked: string,
    value: { readonly input: string | undefined; readonly text: string },
  ): void {
    if (value.input !== undefined && value.input !== asked) {
      this.violated(`${point} asked for "${asked}" and was given the result of "${value.input}"`);
    }
    const known = this.#point(point);
    if (known.returned !== undefined && known.returned !== value.text) {
      this.violated(`${point} returned ${known.returned} and later ${value.text}`);
    }
    known.returned = value.text;
  }

  /** Which number the journal gave to a step. */
  numbered(point: string, step: number): void {
    this.#pointOf.set(step, point);
  }

  /** The failure of this step ended the run, which is to go on: it may run again, and what failed in it. */
  superseded(step: number): void {
    const failed = this.#pointOf.get(step);
    // What was asked was closed with the run.
    this.#doubts.clear();
    for (const [point, known] of this.#points) {
      if (point === failed || point.startsWith(`${failed}~`)) known.kept = 0;
      const isInside = point.startsWith(`${failed}~`) && known.returned?.startsWith("true ");
      if (point !== failed && !isInside) continue;
      known.returned = undefined;
      known.isCertain = false;
      if (point === failed) known.mayRunAgain = true;
    }
  }

  /** Somebody is asked what became of this step. */
  doubted(point: string | undefined, step: number): void {
    if (point === undefined) return;
    if (this.#point(point).isCertain) {
      this.violated(`${point} was left in peace, and somebody is asked what became of it`);
    }
    const announced = this.#announced.get(step) ?? 0;
    if (announced < (this.#doubts.get(step) ?? 0)) {
      this.violated(`${point} was announced ${announced} times and asked about more often`);
    }
  }

  /** An entry is on its way to the journal. */
  appended({ entry, step }: NewEntry, seq: number): void {
    const of = step ?? seq;
    if (entry === "reordered") {
      this.#orderGivenUp = true;
      if (this.#isSteady)
        this.violated("the order was given up of what goes the same way every time");
    }
    if (entry === "started" || entry === "restarted") {
      this.#announced.set(of, (this.#announced.get(of) ?? 0) + 1);
    }
  }

  /** An entry is durable. */
  written({ entry, step = 0 }: NewEntry): void {
    const point = this.#pointOf.get(step);
    if (point === undefined) return;
    if (entry === "at rest") this.#point(point).atRest = true;
    if (entry === "restarted") this.#point(point).isCertain = false;
  }

  toRunAgain(point: string): void {
    this.#point(point).mayRunAgain = true;
  }

  opened(wait: NewWait, now: number): void {
    const { seq, kind, body } = wait;
    if (this.#waits.has(seq)) return;
    this.#waits.set(seq, { ...wait, at: now });
    if (kind !== "doubt") return;
    const { step } = JSON.parse(body!) as { readonly step: number };
    this.#doubts.set(step, (this.#doubts.get(step) ?? 0) + 1);
  }

  said(control: Control): void {
    if (this.#keys.has(control.key)) this.violated(`${control.key} was said twice`);
    this.#keys.add(control.key);
    this.#said.push(control);
  }

  answered({ execution, group, kind, name, body, control, value }: Answered): void {
    const said = this.#said[control - 1];
    if (said === undefined) {
      this.violated(`${group} was given answer ${control}, which nobody said`);
      return;
    }
    if (said.kind === "signal") {
      if (kind !== "signal" || said.name !== name) this.violated(`${group} was given ${said.key}`);
    } else {
      const wait = this.#waits.get(Number(said.key.slice("wait/".length)));
      if (wait?.kind !== kind || wait.name !== name || wait.body !== body) {
        this.violated(
          `${group} was given the answer to ${wait?.kind} ${wait?.name} ${wait?.body} (${said.key})`,
        );
      } else if (said.kind === "due" && said.at < Oracle.dateAt(wait.at + (wait.dueInMs ?? 1e15))) {
        this.violated(`${group} was due too early`);
      }
    }
    const isSame =
      said.value === undefined ? value === undefined : said.value === JSON.stringify(value);
    if (!isSame) this.violated(`${group} was given ${JSON.stringify(value)} for ${said.value}`);
    const given = this.#given.get(control);
    if (given === undefined) this.#given.set(control, { group, execution });
    else {
      if (given.group !== group) {
        this.violated(`${said.key} was given to ${given.group} and later to ${group}`);
      }
      if (given.execution === execution) this.violated(`${said.key} was given to ${group} twice`);
      given.execution = execution;
    }
  }

  /** A race went this way, and something that came after it has returned. */
  decided(race: string, winner: string): void {
    const known = this.#decisions.get(race);
    if (known !== undefined && known !== winner && !this.#orderGivenUp) {
      this.violated(`race ${race} was won by ${known} and later by ${winner}`);
    }
    this.#decisions.set(race, winner);
  }

  violated(what: string): void {
    this.violations.push(what);
  }

  #point(point: string): Point {
    let known = this.#points.get(point);
    if (known === undefined) {
      known = {
        begun: 0,
        nth: 0,
        nthFailed: true,
        atRest: false,
        isCertain: false,
        mayRunAgain: false,
        returned: undefined,
        kept: 0,
      };
      this.#points.set(point, known);
    }
    return known;
  }
}
