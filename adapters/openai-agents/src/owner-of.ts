/** The object itself, or the nearest prototype of it, that has this method of its own. */
export function ownerOf(object: object, name: string): object | undefined {
  for (let at: unknown = object; typeof at === "object" && at !== null; ) {
    if (Object.hasOwn(at, name)) return at;
    at = Object.getPrototypeOf(at);
  }
  return undefined;
}
