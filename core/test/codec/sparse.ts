/** An array of `length` with nothing but the given items in it. */
export function sparse(length: number, items: Readonly<Record<number, unknown>>): unknown[] {
  const array: unknown[] = new Array(length);
  return Object.assign(array, items);
}
