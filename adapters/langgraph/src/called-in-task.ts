/**
 * The graphs and functional tasks that are called in one try of a task, numbered from 0. LangGraph counts
 * all of them together, also those that are called in steps, such as tools. But a step that is on record
 * calls nothing when the task is run again. Invariant: the number of what is called in a step depends on
 * that step alone, and what is called in steps has no part in the numbers of the others.
 */
import type { TaskConfig } from "./task-config.ts";

export type Kind = keyof TaskConfig["counters"];

export class CalledInTask {
  /** What was called in steps, by LangGraph's count. */
  readonly #inSteps = { subgraphs: new Set<number>(), calls: new Set<number>() };
  /** By the path of a step, what was called in it, in order. */
  readonly #byStep = new Map<string, string[]>();

  inTask(kind: Kind, counted: number): number {
    const before = [...this.#inSteps[kind]].filter((other) => other < counted);
    return counted - before.length;
  }

  /** @param key the same whenever the number is asked for */
  inStep(path: string, kind: Kind, key: string, counted: number): number {
    this.#inSteps[kind].add(counted);
    const place = `${kind} ${path}`;
    const called = this.#byStep.get(place) ?? [];
    this.#byStep.set(place, called);
    if (!called.includes(key)) called.push(key);
    return called.indexOf(key);
  }
}
