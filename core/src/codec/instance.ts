// What can be said of an object whose class the codec cannot rebuild.
import { types } from "node:util";

/** Names the class of an object, for people. */
export function describe(value: object): string {
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== ""
    ? `instance of ${name}`
    : "object of unknown class";
}

/** Whether an object is only a handle on something inside the process, without data of its own. */
export function isOpaque(value: object): boolean {
  return (
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isGeneratorObject(value) ||
    types.isExternal(value) ||
    types.isCryptoKey(value) ||
    types.isKeyObject(value) ||
    value instanceof WeakRef
  );
}
