/** Sets a data property; plain assignment to `__proto__` would set the prototype instead. */
export function setProperty(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") target[name] = value;
  else {
    const data = { value, enumerable: true, writable: true, configurable: true };
    Object.defineProperty(target, name, data);
  }
}
