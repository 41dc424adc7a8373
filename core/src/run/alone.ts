/**
 * In one place at one time, things of one name that nothing else tells apart are one and the same to
 * the journal: after a crash one could be given what belongs to the other. So they are refused.
 */
import { HoldfastError } from "../errors/index.ts";
import { currentScope, type Scope } from "../journal/index.ts";

const underWay = new WeakMap<Scope, Set<string>>();

/** Throws STEP_AMBIGUOUS. `what` says what it is, with its name; `hint` how to tell it apart. */
export async function alone<T>(
  { runId, what, hint }: { readonly runId: string; readonly what: string; readonly hint: string },
  part: () => Promise<T>,
): Promise<T> {
  const scope = currentScope.getStore()!;
  const names = underWay.get(scope) ?? new Set();
  underWay.set(scope, names);
  if (names.has(what)) {
    const message = `Two of ${what} are under way at once in run ${runId}, and nothing tells them apart: after a crash one could be given what belongs to the other.`;
    throw new HoldfastError("STEP_AMBIGUOUS", message, { hint, details: { runId, what } });
  }
  names.add(what);
  try {
    return await part();
  } finally {
    names.delete(what);
  }
}
