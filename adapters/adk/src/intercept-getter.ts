import { findRun } from "@holdfast/core/adapter";

const INTERCEPTED = Symbol.for("holdfast.adk.intercepted");

/** Has `found` see what a getter of a class gives inside a run. The same getter is never wrapped twice. */
export function interceptGetter<This, Value>(
  prototype: object,
  name: string,
  found: (value: Value) => void,
): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  const get = descriptor?.get as ((this: This) => Value) | undefined;
  if (get === undefined || INTERCEPTED in get) return;
  function intercepted(this: This): Value {
    const value = get!.call(this);
    if (findRun() !== undefined) found(value);
    return value;
  }
  Object.defineProperty(intercepted, INTERCEPTED, { value: true });
  Object.defineProperty(prototype, name, { ...descriptor, get: intercepted });
}
