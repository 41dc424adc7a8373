/**
 * Puts something around a method of a class, or of one object that has it itself. Invariants: outside
 * a run it is as if nothing were there; `this` and identity are untouched; the same method is never
 * wrapped twice, however many copies of this package there are.
 */
import { findRun, type RunContext } from "@holdfast/core/adapter";

export type Around<This, Args extends unknown[], Result> = (
  call: {
    readonly run: RunContext;
    readonly target: This;
    /** The method itself. */
    readonly original: (...args: Args) => Result;
  },
  ...args: Args
) => Result;

const INTERCEPTED = Symbol.for("holdfast.openai-agents.intercepted");

/** Returns whether the owner has such a method of its own. */
export function intercept<This, Args extends unknown[], Result>(
  owner: object,
  name: string,
  around: Around<This, Args, Result>,
): boolean {
  const property = Object.getOwnPropertyDescriptor(owner, name);
  if (typeof property?.value !== "function") return false;
  const method = property.value as (this: This, ...args: Args) => Result;
  if (INTERCEPTED in method) return true;
  function intercepted(this: This, ...args: Args): Result {
    const run = findRun();
    if (run === undefined) return method.apply(this, args);
    const original = (...given: Args): Result => method.apply(this, given);
    return around({ run, target: this, original }, ...args);
  }
  Object.defineProperties(intercepted, {
    name: { value: method.name },
    length: { value: method.length },
    [INTERCEPTED]: { value: true },
  });
  Object.defineProperty(owner, name, { ...property, value: intercepted });
  return true;
}

/** The object itself, or the nearest prototype of it, that has this method of its own. */
export function ownerOf(object: object, name: string): object | undefined {
  for (let at: unknown = object; typeof at === "object" && at !== null; ) {
    if (Object.hasOwn(at, name)) return at;
    at = Object.getPrototypeOf(at);
  }
  return undefined;
}
