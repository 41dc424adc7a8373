// `{"$sparse":{"length":3,"items":[[0,"a"]]}}`: an array with holes, which JSON would fill with null.
import { expectData, isRecord } from "./data.ts";

export function encodeSparse(length: number, items: readonly [number, unknown][]): unknown {
  return { $sparse: { length, items } };
}

export function decodeSparse(data: unknown): unknown[] {
  expectData(isRecord(data) && Array.isArray(data.items), "a length and items");
  const { length, items } = data;
  expectData(Number.isInteger(length), "a length and items");
  const array: unknown[] = new Array(length as number);
  for (const item of items as unknown[]) {
    expectData(Array.isArray(item) && item.length === 2, "items of index and value");
    const [index, value] = item as [unknown, unknown];
    expectData(isIndex(index, array.length), "indexes below the length");
    array[index] = value;
  }
  return array;
}

function isIndex(index: unknown, length: number): index is number {
  return Number.isInteger(index) && (index as number) >= 0 && (index as number) < length;
}
