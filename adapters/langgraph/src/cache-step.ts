/**
 * What a model's cache had, as a step. A cache forgets, and is filled by others: after a crash it may
 * answer differently, and the model would be asked again for what the run has gone on with.
 */
import { durableStep, intercept } from "@holdfast/core/adapter";
import { prototypesOf } from "./base-classes.ts";

/** Intercepts the cache that a model has, if it has one. */
export function interceptCacheOf(model: object): void {
  const { cache } = model as { readonly cache?: unknown };
  if (typeof cache !== "object" || cache === null) return;
  for (const prototype of prototypesOf(cache)) {
    intercept<object, [prompt: string, model: string], Promise<unknown>>(
      prototype,
      "lookup",
      ({ run, original }, prompt, key) => {
        if (run.inside?.kind === "model") return original(prompt, key);
        const body = () => original(prompt, key);
        return durableStep(run, { kind: "store", name: "cache", input: [prompt, key], body });
      },
    );
  }
}
