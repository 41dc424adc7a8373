import type { RunContext } from "@holdfast/core/adapter";

/**
 * The value as it is now, and as it will come back from the store. Without cost for what cannot change; of
 * what is no plain data there is no copy: it is given back itself.
 */
export function plainCopy<T>({ codec }: RunContext, value: T): T {
  if (typeof value !== "object" || value === null) return value;
  try {
    const { text, losses } = codec.encode(value);
    return losses.length > 0 ? value : (codec.decode(text) as T);
  } catch {
    return value;
  }
}
