/** Checks one fact about tagged data; the decoder adds the tag and the place. */
export function expectData(fact: boolean, expected: string): asserts fact {
  if (!fact) throw new TypeError(`expected ${expected}`);
}

/** Tells an object of string keys from everything else JSON can hold. */
export function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}
