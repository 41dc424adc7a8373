/** Questions that are asked again where the state was changed by hand: LangGraph has other ids for them. */
import { isDeepStrictEqual } from "node:util";
import type { PendingInterrupt } from "./run-saver.ts";

/**
 * By what is asked now, what was asked before: the same by the same node, else something else by it. Each
 * once.
 */
export function askedAgain(
  now: readonly PendingInterrupt[],
  before: readonly PendingInterrupt[],
): ReadonlyMap<PendingInterrupt, PendingInterrupt> {
  const unasked = new Set(before);
  const pairs = new Map<PendingInterrupt, PendingInterrupt>();
  for (const isSame of [isSameQuestion, isSameNode]) {
    for (const interrupt of now) {
      if (pairs.has(interrupt)) continue;
      const earlier = [...unasked].find((candidate) => isSame(interrupt, candidate));
      if (earlier === undefined) continue;
      pairs.set(interrupt, earlier);
      unasked.delete(earlier);
    }
  }
  return pairs;
}

function isSameQuestion(one: PendingInterrupt, other: PendingInterrupt): boolean {
  return isSameNode(one, other) && isDeepStrictEqual(one.value, other.value);
}

function isSameNode(one: PendingInterrupt, other: PendingInterrupt): boolean {
  return one.node === other.node;
}
