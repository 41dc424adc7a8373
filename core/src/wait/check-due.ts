import { HoldfastError } from "../errors/index.ts";

/** The farthest the database can look ahead, roughly: 200,000 years. */
const FARTHEST_MS = 6e15;

/**
 * In how many milliseconds a question falls due, undefined for never. Throws OPTION_INVALID for what
 * the database would refuse.
 */
export function checkDue(kind: string, name: string, ms: number | undefined): number | undefined {
  if (ms === undefined || ms === Number.POSITIVE_INFINITY) return undefined;
  if (typeof ms === "number" && ms <= FARTHEST_MS) return Math.max(ms, 0);
  throw new HoldfastError(
    "OPTION_INVALID",
    `The ${kind} "${name}" is to fall due after ${String(ms)} ms.`,
    {
      hint: `Give a number of milliseconds up to ${FARTHEST_MS}; leave it out to wait as long as it takes.`,
      details: { kind, name, ms },
    },
  );
}
