/**
 * Puts something around a method of a class or of one object, in its place. Invariant: the same method
 * is never wrapped twice, however many copies of an adapter there are.
 */
import { type Around, intercepted, isIntercepted, type Method } from "./intercepted.ts";

/**
 * @param owner a prototype, or an object that has the method itself: inherited ones are not touched
 * @returns whether the owner has such a method of its own
 */
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
