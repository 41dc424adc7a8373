/**
 * The programs of the chaos: plain data, made from a seed, given to the app as its input. Every part that
 * returns something has an id of its own within the whole run, so that what comes back tells where from.
 */
import type { Random } from "../fuzz/random.ts";

export type Part =
  /** Its body takes so long, and fails so often before it returns. `once`: it is never run again by itself. */
  | {
      readonly do: "step";
      readonly id: string;
      readonly ms: number;
      readonly failing: number;
      readonly once: boolean;
    }
  | { readonly do: "sleep"; readonly ms: number }
  | { readonly do: "approval" | "signal"; readonly id: string }
  /** Side by side. */
  | { readonly do: "all"; readonly parts: readonly Part[] }
  /** A run within the run. */
  | { readonly do: "nested"; readonly id: string; readonly parts: readonly Part[] }
  /** A run of its own, started by name and awaited. Unnamed: known by the step that started it. */
  | {
      readonly do: "detached";
      readonly id: string;
      readonly named: boolean;
      readonly parts: readonly Part[];
    };

export interface Program {
  /** The name of the run that somebody started: its children have the same. */
  readonly run: string;
  readonly parts: readonly Part[];
}

/** Of each run. */
export const APP = "chaos";

const SHORT_MS = 60;
const LONG_MS = 400;

/** A program with so many steps, and questions and runs among them. */
export function randomProgram(random: Random, run: string, steps: number): Program {
  const program = new ProgramMaker(random);
  return { run, parts: program.sequence(steps, 0, false) };
}

class ProgramMaker {
  readonly #random: Random;
  #ids = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param beside whether other parts run at the same time */
  sequence(steps: number, depth: number, beside: boolean): readonly Part[] {
    const parts: Part[] = [];
    let left = steps;
    while (left > 0) {
      const random = this.#random;
      const some = Math.min(left, 2 + random.below(3));
      const kind = random.below(100);
      if (kind < 8) parts.push({ do: "sleep", ms: random.below(LONG_MS) });
      else if (kind < 12) parts.push({ do: "approval", id: this.#id("approval") });
      else if (kind < 16) parts.push({ do: "signal", id: this.#id("signal") });
      else if (kind < 28 && depth < 3 && some > 1) {
        const parallel = Array.from({ length: some }, () => this.sequence(1, depth + 1, true));
        parts.push({ do: "all", parts: parallel.flat() });
        left -= some;
      } else if (kind < 35 && depth < 2) {
        const id = this.#id("nested");
        parts.push({ do: "nested", id, parts: this.sequence(some, depth + 1, beside) });
        left -= some;
      } else if (kind < 39 && depth < 2) {
        const id = this.#id("detached");
        const named = beside || random.chance(0.5);
        parts.push({ do: "detached", id, named, parts: this.sequence(some, depth + 1, false) });
        left -= some;
      } else {
        parts.push(this.#step());
        left -= 1;
      }
    }
    return parts;
  }

  #step(): Part {
    const random = this.#random;
    const ms = random.below(random.chance(0.1) ? LONG_MS : SHORT_MS);
    const once = random.chance(0.05);
    const failing = !once && random.chance(0.05) ? 1 + random.below(2) : 0;
    return { do: "step", id: this.#id("step"), ms, failing, once };
  }

  #id(what: string): string {
    this.#ids += 1;
    return `${what} ${this.#ids}`;
  }
}

/** All parts of a kind, those inside others too. */
export function partsOf<Kind extends Part["do"]>(
  parts: readonly Part[],
  kind: Kind,
): readonly (Part & { readonly do: Kind })[] {
  const found: (Part & { readonly do: Kind })[] = [];
  for (const part of parts) {
    if (part.do === kind) found.push(part as Part & { readonly do: Kind });
    if ("parts" in part) found.push(...partsOf(part.parts, kind));
  }
  return found;
}
