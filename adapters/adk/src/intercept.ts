/**
 * Puts something around a method of a class or of one object. Invariants: outside a run it is as if
 * nothing were there; `this`, identity, `instanceof` and private fields are untouched; the same method
 * is never wrapped twice, however many copies of this package there are.
 */
import { type Around, intercepted, isIntercepted, type Method } from "@holdfast/core/adapter";

/** @param owner a prototype, or one object that is to differ from others of its class */
export function intercept<This, Args extends unknown[], Result>(
  owner: object,
  name: string,
  around: Around<This, Args, Result>,
): void {
  const method = Reflect.get(owner, name) as Method<This, Args, Result>;
  if (isIntercepted(method)) return;
  // A frozen object is left as it is, and its class stands in for it.
  if (!Object.isExtensible(owner) && !Object.hasOwn(owner, name)) {
    intercept(Object.getPrototypeOf(owner) as object, name, around);
    return;
  }
  const isOwn = Object.hasOwn(owner, name);
  const enumerable = isOwn && Object.getOwnPropertyDescriptor(owner, name)?.enumerable === true;
  Object.defineProperty(owner, name, {
    value: intercepted(method, around),
    configurable: true,
    writable: true,
    enumerable,
  });
}
