/**
 * Puts something around a method of a class, or of one object that has it itself. Invariants: outside
 * a run it is as if nothing were there; `this` and identity are untouched; the same method is never
 * wrapped twice, however many copies of this package there are.
 */
import { type Around, intercepted, isIntercepted, type Method } from "@holdfast/core/adapter";

/** Returns whether the owner has such a method of its own. */
export function intercept<This, Args extends unknown[], Result>(
  owner: object,
  name: string,
  around: Around<This, Args, Result>,
): boolean {
  const property = Object.getOwnPropertyDescriptor(owner, name);
  if (typeof property?.value !== "function") return false;
  const method = property.value as Method<This, Args, Result>;
  if (isIntercepted(method)) return true;
  Object.defineProperty(owner, name, { ...property, value: intercepted(method, around) });
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
