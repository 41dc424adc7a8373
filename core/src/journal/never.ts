/** A new one each time: one promise that many await would keep all of them in memory. */
export function never<T>(): Promise<T> {
  return new Promise(() => {});
}
