/**
 * A method with something around it. Invariants: outside a run it is as if nothing were there; `this`
 * and identity are untouched; and it can be told from one that is not wrapped, however many copies of
 * a package there are.
 */
import { findRun, type RunContext } from "../run/run-context.ts";

export type Method<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Result;

export type Around<This, Args extends unknown[], Result> = (
  call: {
    readonly run: RunContext;
    readonly target: This;
    /** The method itself. */
    readonly original: (...args: Args) => Result;
  },
  ...args: Args
) => Result;

const INTERCEPTED = Symbol.for("holdfast.intercepted");

export function isIntercepted(method: object): boolean {
  return INTERCEPTED in method;
}

/** To be put in the method's place. */
export function intercepted<This, Args extends unknown[], Result>(
  method: Method<This, Args, Result>,
  around: Around<This, Args, Result>,
): Method<This, Args, Result> {
  function wrapper(this: This, ...args: Args): Result {
    const run = findRun();
    if (run === undefined) return method.apply(this, args);
    const original = (...given: Args): Result => method.apply(this, given);
    return around({ run, target: this, original }, ...args);
  }
  return Object.defineProperties(wrapper, {
    name: { value: method.name },
    length: { value: method.length },
    [INTERCEPTED]: { value: true },
  });
}
