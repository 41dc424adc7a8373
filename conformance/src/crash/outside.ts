/**
 * What happened outside of any journal, in all processes. Invariant: nothing happens in a dead
 * process. When one dies, it is settled which of its effects belong to a step, or a try of one, that
 * the journal has the end of: those must never happen again.
 */
import { currentScope, type StepInside } from "@holdfast/core/journal";
import type { Entry } from "@holdfast/core/store";
import type { Mortality } from "./mortality.ts";

interface Effect {
  readonly key: string;
  readonly inside: StepInside | undefined;
}

export class Outside {
  /** How often each effect happened. */
  readonly counts: Map<string, number> = new Map();
  /** Effects that happened although the journal had the end of their step. */
  readonly repeated: string[] = [];
  readonly #ended = new Set<string>();
  /** Of the process that lives. */
  #effects: Effect[] = [];
  #doubts = new Map<string, number>();

  effect(key: string, life: Mortality): Promise<void> {
    const inside = currentScope.getStore()?.step;
    const happens = () => {
      this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
      this.#effects.push({ key, inside });
      if (this.#ended.has(key)) this.repeated.push(key);
    };
    // Asking for the number of a step writes that it was started.
    return life.effect(happens, () => void inside?.seq);
  }

  happened(key: string): boolean {
    return this.counts.has(key);
  }

  /** In how many deaths nobody knew how the step of this effect had ended. */
  doubts(key: string): number {
    return this.#doubts.get(key) ?? 0;
  }

  /** @param journal as the dead process left it */
  processDied(journal: readonly Entry[]): void {
    for (const { key, inside } of this.#effects) {
      if (inside !== undefined && hasEnded(inside, journal)) this.#ended.add(key);
      else this.#doubts.set(key, this.doubts(key) + 1);
    }
    this.#effects = [];
  }
}

function hasEnded(inside: StepInside, journal: readonly Entry[]): boolean {
  const all = journal.filter(({ step }) => step === inside.seq);
  const of = all.slice(all.findLastIndex(({ entry }) => entry === "superseded") + 1);
  if (of.some(({ entry }) => entry === "finished" || entry === "failed")) return true;
  return of.filter(({ entry }) => entry === "try failed").length >= inside.try;
}
