// Primitives JSON has no notation for: undefined, bigint, and the numbers NaN, ±Infinity and -0.
import { expectData } from "./data.ts";

const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

/** Whether JSON writes this number so that it reads back as the same number. */
export function isJsonNumber(value: number): boolean {
  return Number.isFinite(value) && (value !== 0 || 1 / value > 0);
}

export function encodeNumber(value: number): unknown {
  return { $number: Object.is(value, -0) ? "-0" : String(value) };
}

export function decodeNumber(data: unknown): number {
  const value = NUMBERS.get(data);
  expectData(value !== undefined, 'one of "NaN", "Infinity", "-Infinity", "-0"');
  return value;
}

export function encodeBigint(value: bigint): unknown {
  return { $bigint: String(value) };
}

export function decodeBigint(data: unknown): bigint {
  expectData(typeof data === "string" && /^-?\d+$/.test(data), "a string of digits");
  return BigInt(data);
}

export function encodeUndefined(): unknown {
  return { $undefined: true };
}

export function decodeUndefined(data: unknown): undefined {
  expectData(data === true, "true");
  return undefined;
}
