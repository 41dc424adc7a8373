/**
 * Judges what the processes tell, and nothing else: no journal, no database.
 *
 * - A *body* of a step runs from the moment it begins to the moment it ends, or its process is sent
 *   SIGKILL, whichever comes first.
 * - A step has *returned* when its value came back to the program, in any process. From then on no body of
 *   it begins, and whatever it returns, in any execution, is that very value.
 * - A worker is *disconnected* if its process was stopped for so long that another buried it: from the
 *   moment it was stopped until it says, awake again, that it was taken for dead, and for as long after
 *   that as bodies need to notice that they were told to end. At all other times it is *connected*,
 *   whatever happens to the database.
 * - Bodies of one step *overlap* if two of them run at one moment at which the workers of both are
 *   connected. This includes two bodies in one process.
 * - A worker that was always connected and says that it was taken for dead was *robbed*.
 */
import type { BodyEnd, Told } from "./happening.ts";

export interface Body {
  readonly pid: number;
  readonly begins: number;
  ends: number;
  how: BodyEnd | "killed" | undefined;
}

interface Step {
  readonly bodies: Body[];
  returned: { readonly at: number; readonly pid: number; readonly value: string } | undefined;
  returns: number;
}

interface Absence {
  readonly from: number;
  until: number;
}

/** How long bodies may take to notice that they were told to end. */
const NOTICE_MS = 1_000;
const TAKEN_FOR_DEAD = /^Worker \S+ was taken for dead/;

export class Observer {
  readonly violations: string[] = [];
  /** When a step began, ended or returned last. */
  lastStepAt = 0;
  /** How often something was said, by what was said. */
  readonly said: Map<string, number> = new Map();
  /** How many steps have returned. */
  returned = 0;
  readonly #steps = new Map<string, Step>();
  readonly #killedAt = new Map<number, number>();
  readonly #absences = new Map<number, Absence[]>();
  /** Steps that nobody runs again by itself. */
  readonly #once: ReadonlySet<string>;

  constructor(once: ReadonlySet<string>) {
    this.#once = once;
  }

  hear(pid: number, told: Told): void {
    if (told.is === "says") this.#hearSaid(pid, told);
    if (told.is === "says" || told.is === "loaded" || told.is === "serving") return;
    this.lastStepAt = told.at;
    const key = stepKey(told.run, told.id);
    const step = this.#step(key);
    switch (told.is) {
      case "begins": {
        step.bodies.push({ pid, begins: told.at, ends: Number.POSITIVE_INFINITY, how: undefined });
        this.#checkRepeated(key, step);
        break;
      }
      case "ends": {
        const body = step.bodies.findLast((one) => one.pid === pid && one.how === undefined);
        if (body === undefined) break;
        body.ends = told.at;
        body.how = told.how;
        break;
      }
      case "returned":
        this.#hearReturned(key, step, pid, told.at, told.value);
        break;
    }
  }

  /** Bodies of this process are over. */
  killed(pid: number, at: number): void {
    this.#killedAt.set(pid, at);
  }

  /** It ended in order: it has waited for its bodies. */
  exited(pid: number): void {
    for (const [key, { bodies }] of this.#steps) {
      if (!bodies.some((body) => body.pid === pid && body.how === undefined)) continue;
      this.violations.push(`Process ${pid} was drained, and left a body of ${key}.`);
    }
  }

  /** It was stopped, and buried by another before it went on. */
  disconnected(pid: number, from: number): void {
    const absences = this.#absences.get(pid) ?? [];
    this.#absences.set(pid, [...absences, { from, until: Number.POSITIVE_INFINITY }]);
  }

  /** Whether it has said that it was taken for dead, since it was. */
  isBack(pid: number): boolean {
    return this.#absences.get(pid)?.every(({ until }) => Number.isFinite(until)) ?? true;
  }

  /** How many bodies run in this process. */
  running(pid: number): number {
    let running = 0;
    for (const { bodies } of this.#steps.values()) {
      if (bodies.some((body) => body.pid === pid && body.how === undefined)) running += 1;
    }
    return running;
  }

  /** What a step returned. */
  valueOf(run: string, id: string): string | undefined {
    return this.#steps.get(stepKey(run, id))?.returned?.value;
  }

  /** After all processes have ended. */
  conclude(): void {
    for (const [key, { bodies }] of this.#steps) {
      for (const body of bodies) this.#endAt(body, this.#killedAt.get(body.pid));
      this.#checkOverlaps(key, bodies);
    }
  }

  /** How many bodies there were, how many began again, and how many of those after a kill. */
  get counts(): { readonly bodies: number; readonly repeated: number; readonly returns: number } {
    let [bodies, repeated, returns] = [0, 0, 0];
    for (const step of this.#steps.values()) {
      bodies += step.bodies.length;
      returns += step.returns;
      step.bodies.forEach((_, nth) => {
        const before = step.bodies[nth - 1]?.how;
        if (before === "killed" || before === "told" || before === "value") repeated += 1;
      });
    }
    return { bodies, repeated, returns };
  }

  /** Of bodies that were killed with their process, until the step was begun again elsewhere. */
  get takeoversMs(): readonly number[] {
    const took: number[] = [];
    for (const { bodies } of this.#steps.values()) {
      bodies.forEach(({ how, ends }, nth) => {
        const next = bodies[nth + 1];
        if (how === "killed" && next !== undefined) took.push(next.begins - ends);
      });
    }
    return took;
  }

  #hearSaid(pid: number, { at, level, message }: Told & { readonly is: "says" }): void {
    const what = `${level}: ${message.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…")}`;
    this.said.set(what, (this.said.get(what) ?? 0) + 1);
    if (!TAKEN_FOR_DEAD.test(message)) return;
    const absence = this.#absences.get(pid)?.find(({ until }) => !Number.isFinite(until));
    if (absence === undefined) this.violations.push(`Process ${pid} was robbed: ${message}`);
    else absence.until = at + NOTICE_MS;
  }

  #hearReturned(key: string, step: Step, pid: number, at: number, value: string): void {
    step.returns += 1;
    const { returned } = step;
    if (returned === undefined) {
      step.returned = { at, pid, value };
      this.returned += 1;
    } else {
      if (returned.value !== value) {
        this.violations.push(`${key} returned "${returned.value}", and then "${value}".`);
      }
      if (at < returned.at) step.returned = { at, pid, value };
    }
    this.#checkRepeated(key, step);
  }

  #checkRepeated(key: string, { bodies, returned }: Step): void {
    const late = returned && bodies.find(({ begins }) => begins > returned.at);
    if (late !== undefined) {
      const after = (late.begins - returned!.at).toFixed(1);
      this.violations.push(
        `A body of ${key} began in process ${late.pid}, ${after} ms after it had returned in process ${returned!.pid}.`,
      );
    }
    if (bodies.length > 1 && this.#once.has(key)) {
      this.violations.push(`${key} is never to be run again, and its body began once more.`);
    }
  }

  #endAt(body: Body, killedAt: number | undefined): void {
    if (killedAt === undefined || body.ends <= killedAt) return;
    body.ends = killedAt;
    body.how = "killed";
  }

  #checkOverlaps(key: string, bodies: readonly Body[]): void {
    bodies.forEach((one, nth) => {
      for (const other of bodies.slice(nth + 1)) {
        for (const [from, until] of this.#connected(one)) {
          for (const [otherFrom, otherUntil] of this.#connected(other)) {
            const [begins, ends] = [Math.max(from, otherFrom), Math.min(until, otherUntil)];
            if (begins >= ends) continue;
            const ms = (ends - begins).toFixed(1);
            this.violations.push(
              `Bodies of ${key} ran side by side for ${ms} ms, in processes ${one.pid} and ${other.pid}.`,
            );
          }
        }
      }
    });
  }

  /** When it ran while its worker was connected. */
  #connected({ pid, begins, ends }: Body): readonly (readonly [number, number])[] {
    let parts: (readonly [number, number])[] = [[begins, ends]];
    for (const { from, until } of this.#absences.get(pid) ?? []) {
      parts = parts.flatMap(([begin, end]): (readonly [number, number])[] => [
        [begin, Math.min(end, from)],
        [Math.max(begin, until), end],
      ]);
    }
    return parts.filter(([begin, end]) => begin < end);
  }

  #step(key: string): Step {
    const step = this.#steps.get(key) ?? { bodies: [], returned: undefined, returns: 0 };
    this.#steps.set(key, step);
    return step;
  }
}

export function stepKey(run: string, id: string): string {
  return `${id} of ${run}`;
}
