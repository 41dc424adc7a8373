/**
 * Puts something around a method of a class or of one object. Invariants: outside a run it is as if
 * nothing were there; `this`, identity, `instanceof` and private fields are untouched; the same method
 * is never wrapped twice, however many copies of this package there are.
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

type Method<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Result;

const INTERCEPTED = Symbol.for("holdfast.adk.intercepted");

/** @param owner a prototype, or one object that is to differ from others of its class */
export function intercept<This, Args extends unknown[], Result>(
  owner: object,
  name: string,
  around: Around<This, Args, Result>,
): void {
  const method = Reflect.get(owner, name) as Method<This, Args, Result>;
  if (INTERCEPTED in method) return;
  // A frozen object is left as it is, and its class stands in for it.
  if (!Object.isExtensible(owner) && !Object.hasOwn(owner, name)) {
    intercept(Object.getPrototypeOf(owner) as object, name, around);
    return;
  }
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
  const isOwn = Object.hasOwn(owner, name);
  const enumerable = isOwn && Object.getOwnPropertyDescriptor(owner, name)?.enumerable === true;
  Object.defineProperty(owner, name, {
    value: intercepted,
    configurable: true,
    writable: true,
    enumerable,
  });
}
