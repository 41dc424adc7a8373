/**
 * Where in a run the program is: an agent, a node, a nested run, the body of a step. Travels in one
 * `AsyncLocalStorage`; nothing about it is kept on objects of the user.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { StepIdentity } from "./step-record.ts";

export class Scope {
  readonly #path: () => string;
  /** Whether it was begun in this execution after a failed try: the journal knows nothing of it. */
  readonly fresh: boolean;
  readonly #children = new Map<string, number>();

  /** A path that is not known yet is asked for when something inside needs it. */
  constructor(path: string | (() => string), fresh: boolean) {
    this.fresh = fresh;
    this.#path = typeof path === "string" ? () => path : path;
  }

  get path(): string {
    return this.#path();
  }

  /** The path of the next scope of this label in here: labels are numbered from the second on. */
  childPath(label: string): string {
    const count = (this.#children.get(label) ?? 0) + 1;
    this.#children.set(label, count);
    return `${this.path}/${label}${count === 1 ? "" : `#${count}`}`;
  }
}

/** The scope of what happens inside a step. */
export function bodyPath(
  { scope, name }: Pick<StepIdentity, "scope" | "name">,
  seq: number,
): string {
  return `${scope}/${name}@${seq}`;
}

/** A path and all those it lies in. */
export function pathsAbove(path: string): readonly string[] {
  const paths = [path];
  for (let end = path.lastIndexOf("/"); end >= 0; end = path.lastIndexOf("/", end - 1)) {
    paths.push(path.slice(0, end));
    if (end === 0) break;
  }
  return paths;
}

/** Whether `path` is `scope` or below it. */
export function isWithin(path: string, scope: string): boolean {
  return path === scope || path.startsWith(`${scope}/`);
}

export const currentScope: AsyncLocalStorage<Scope> = new AsyncLocalStorage();
