/**
 * Of a run's options, what can be stored, so that another process can go on with them; the paths of what
 * cannot; and both put together again. What means this process, as an abort signal does, is left out
 * without a word.
 */
import type { Codec } from "../codec/index.ts";

/** Shared by all copies of this package. */
const OF_THIS_PROCESS = Symbol.for("holdfast.of-this-process");

/** Marks an object as meaning this process: among a run's options, no other process misses it. */
export function markOfThisProcess(object: object): void {
  Object.defineProperty(object, OF_THIS_PROCESS, { value: true });
}

export interface Storable {
  readonly kept: Readonly<Record<string, unknown>>;
  /** What another process would miss. */
  readonly missing: readonly string[];
}

/** Deeper than this nothing is taken apart: it is stored whole or not at all. */
const DEEPEST = 6;

export function storableOptions(codec: Codec, options: object): Storable {
  const missing: string[] = [];
  const kept = keep(codec, options, "", missing, 0);
  return { kept, missing };
}

function keep(
  codec: Codec,
  options: object,
  path: string,
  missing: string[],
  depth: number,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || meansThisProcess(value)) continue;
    const at = path === "" ? key : `${path}.${key}`;
    if (isStorable(codec, value)) kept[key] = value;
    else if (isPlain(value) && depth < DEEPEST) {
      kept[key] = keep(codec, value, at, missing, depth + 1);
    } else missing.push(at);
  }
  return kept;
}

function meansThisProcess(value: unknown): boolean {
  if (value instanceof AbortSignal) return true;
  return typeof value === "object" && value !== null && OF_THIS_PROCESS in value;
}

function isStorable(codec: Codec, value: unknown): boolean {
  if (typeof value === "function") return false;
  try {
    return codec.encode(value).losses.length === 0;
  } catch {
    return false;
  }
}

/** Puts options over others: plain objects are merged, anything else replaced. */
export function laidOver<T extends object>(lower: T, upper: object): T {
  const below = new Map(Object.entries(lower));
  const above = Object.entries(upper).map(([key, value]) => {
    const under: unknown = below.get(key);
    return [key, isPlain(value) && isPlain(under) ? laidOver(under, value) : value] as const;
  });
  return { ...lower, ...Object.fromEntries(above) };
}

/** Whether there is something at a path, be it that there is nothing: names can have dots in them. */
export function hasAt(options: unknown, path: string): boolean {
  if (typeof options !== "object" || options === null) return false;
  return Object.entries(options).some(
    ([key, value]) =>
      key === path || (path.startsWith(`${key}.`) && hasAt(value, path.slice(key.length + 1))),
  );
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
