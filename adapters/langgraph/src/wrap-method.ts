/** Replaces methods on prototypes, each once, however often and by however many copies it is asked. */

export type Method = (this: object, ...args: unknown[]) => unknown;

const WRAPPED = Symbol.for("holdfast.wrapped");

/** Replaces the method if the prototype has one of its own. Returns whether it has. */
export function wrapMethod(
  prototype: object,
  name: string,
  wrap: (original: Method) => Method,
): boolean {
  const property = Object.getOwnPropertyDescriptor(prototype, name);
  const original: unknown = property?.value;
  if (property === undefined || typeof original !== "function") return false;
  if (WRAPPED in original) return true;
  const wrapper = wrap(original as Method);
  Object.defineProperties(wrapper, {
    [WRAPPED]: { value: true },
    name: { value: original.name },
    length: { value: original.length },
  });
  Object.defineProperty(prototype, name, { ...property, value: wrapper });
  return true;
}
