/**
 * Where in a run the program is: an agent, a node, a nested run, the body of a step. Travels in one
 * `AsyncLocalStorage`; nothing about it is kept on objects of the user. The open scopes are a tree:
 * a run waits for somebody when every leaf of it does.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Execution } from "./execution.ts";
import type { StepIdentity, StepKind } from "./step-record.ts";

/** What a step's body can know of its step. */
export interface StepInside {
  readonly kind: StepKind;
  /** The number of its `started` entry: its id. Asking for it writes that entry. */
  readonly seq: number;
  /** The how-manieth try of the body this is, from 1. */
  readonly try: number;
  /** Whether a body of it was begun before, in this execution or an earlier one. */
  readonly again: boolean;
  /** Aborted when nobody wants the result any more: the run was cancelled, lost or left behind. */
  readonly signal: AbortSignal;
  /** Tells the body that nobody waits for this try of it any more. */
  abort(reason: unknown): void;
}

export interface ScopeParts {
  readonly execution: Execution;
  readonly parent?: Scope | undefined;
  /** A path that is not known yet is asked for when something inside needs it. */
  readonly path: string | (() => string);
  /** Whether it was begun in this execution after a failed try: the journal knows nothing of it. */
  readonly fresh?: boolean;
  /** The step whose body it is. Default: that of its parent. */
  readonly step?: StepInside | undefined;
}

export class Scope {
  readonly execution: Execution;
  readonly parent: Scope | undefined;
  readonly fresh: boolean;
  readonly step: StepInside | undefined;
  readonly #isBody: boolean;
  #isLeft = false;
  /** How many waits are parked right here, */
  parked = 0;
  /** and how many steps are on their way: their record is looked for, their body begins, has ended. */
  moving = 0;
  /** and how many of these are held up: by others that come before them, or since it is not clear which they are. */
  heldUp = 0;
  #path: string | undefined;
  readonly #findPath: () => string;
  /** Made when needed, as most scopes are bodies with nothing inside. */
  #labels: Map<string, number> | undefined;
  #open: Set<Scope> | undefined;

  constructor({ execution, parent, path, fresh, step }: ScopeParts) {
    this.execution = execution;
    this.parent = parent;
    this.fresh = fresh ?? parent?.fresh ?? false;
    this.step = step ?? parent?.step;
    this.#isBody = step !== undefined;
    this.#path = typeof path === "string" ? path : undefined;
    this.#findPath = typeof path === "string" ? () => path : path;
  }

  get path(): string {
    this.#path ??= this.#findPath();
    return this.#path;
  }

  /** The path, or that of the nearest scope around it whose path is known. */
  get knownPath(): string {
    return this.#path ?? this.parent?.knownPath ?? "";
  }

  /** The path of the next scope of this label in here: labels are numbered from the second on. */
  childPath(label: string): string {
    this.#labels ??= new Map();
    const count = (this.#labels.get(label) ?? 0) + 1;
    this.#labels.set(label, count);
    return `${this.path}/${escaped(label)}${count === 1 ? "" : `#${count}`}`;
  }

  /** Whether this is that scope, or opened somewhere inside it. */
  isIn(scope: Scope): boolean {
    return this === scope || (this.parent?.isIn(scope) ?? false);
  }

  enter(): void {
    const { parent } = this;
    if (parent === undefined) return;
    parent.#open ??= new Set();
    parent.#open.add(this);
  }

  leave(): void {
    this.#isLeft = true;
    if (this.parent !== undefined) this.parent.#open?.delete(this);
  }

  /** Whether it is in the body of a step, and that has ended, or this try of it: what goes on here is of no use. */
  get isPast(): boolean {
    return (this.#isBody && this.#isLeft) || (this.parent?.isPast ?? false);
  }

  /** Whether nothing in here goes on before somebody answers. */
  get waits(): boolean {
    if (this.moving > 0) return false;
    if (this.#open === undefined || this.#open.size === 0) return this.parked > 0;
    for (const scope of this.#open) if (!scope.waits) return false;
    return true;
  }

  /** Whether nothing in here goes on by itself: it waits for somebody, or is held up. */
  get isStill(): boolean {
    if (this.moving > this.heldUp) return false;
    if (this.#open === undefined || this.#open.size === 0) return this.parked + this.heldUp > 0;
    for (const scope of this.#open) if (!scope.isStill) return false;
    return true;
  }
}

/** Names of agents, nodes and models may hold what paths are made of. */
function escaped(label: string): string {
  if (!/[%/~#]/.test(label)) return label;
  return label.replace(/[%/~#]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The scope of what happens inside a step. */
export function bodyPath(
  { scope, name }: Pick<StepIdentity, "scope" | "name">,
  seq: number,
): string {
  return `${scope}/${escaped(name)}@${seq}`;
}

/** The scope of the n-th try of what happens in a scope. */
export function tryPath(path: string, nth: number): string {
  return nth === 1 ? path : `${path}~${nth}`;
}

/** What a path is the how-manieth try of. */
export function tryOf(path: string): readonly [scope: string, nth: number] {
  const [scope, nth = "1"] = path.split(/~(\d+)$/) as [string, string?];
  return [scope, Number(nth)];
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
