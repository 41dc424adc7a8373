/** The options of a run that is taken up here: what is stored of them, and what is made anew. */
import { HoldfastError } from "../errors/index.ts";
import type { Policies } from "../run/policies.ts";
import { splitOptions } from "../runtime/run-options.ts";
import type { StoredOrder } from "../runtime/run-order.ts";
import { hasAt, laidOver } from "../runtime/stored-options.ts";
import type { Run } from "../store/index.ts";
import type { LoadedApp } from "./served-apps.ts";

export interface RebuiltOptions {
  /** The framework's own. */
  readonly options: object | undefined;
  readonly policies: Policies;
  /** Paths of those that neither could be stored nor were made anew. */
  readonly missing: readonly string[];
}

/** Throws what the app's function throws, and OPTION_INVALID for what it makes that are no options. */
export async function rebuiltOptions(
  { name, options: rebuild }: LoadedApp,
  { runId, app, queue }: Run,
  { input, options = {}, policies, missing }: Omit<StoredOrder, "inputAgain">,
): Promise<RebuiltOptions> {
  const anew = (await rebuild?.({ runId, app, queue, input, options, missing })) ?? {};
  if (typeof anew !== "object") throw noOptions(name, anew);
  const { durable, options: own = {} } = splitOptions(anew);
  const all = laidOver(options, own);
  return {
    options: Object.keys(all).length === 0 ? undefined : all,
    policies: laidOver(policies, durable.policies ?? {}),
    missing: missing.filter((path) => !hasAt(anew, path)),
  };
}

function noOptions(app: string, made: unknown): HoldfastError {
  const message = `The options made for a run of "${app}" are ${String(made)}.`;
  return new HoldfastError("OPTION_INVALID", message, {
    hint: "Return an object of the framework's own options.",
    details: { app },
  });
}
