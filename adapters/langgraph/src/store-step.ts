/**
 * Reads and writes of LangGraph's stores as steps: a write that has returned is not made again, and a
 * read returns again what it did. In a graph the store is LangGraph's batching one, whose calls are
 * gathered by a loop: a call is a step where it is made, and the loop is in no run.
 */
import { durableStep, intercept, outsideRuns } from "@holdfast/core/adapter";
import { classesBelow } from "./base-classes.ts";

const OPERATIONS = ["get", "search", "put", "delete", "listNamespaces", "batch"];

/** Intercepts the operations that a class of stores, BaseStore or one below it, has of its own. */
export function interceptStore(prototype: object): void {
  for (const operation of OPERATIONS) {
    intercept<object, unknown[], Promise<unknown>>(
      prototype,
      operation,
      ({ run, target, original }, ...args) => {
        interceptClassOf(target);
        const { inside } = run;
        if (inside?.kind === "store" || inside?.kind === "model") return original(...args);
        const body = () => original(...args);
        return durableStep(run, { kind: "store", name: operation, input: args, body });
      },
    );
  }
}

export function interceptBatchedStore(prototype: object): void {
  intercept<object, unknown[], unknown>(
    prototype,
    "processBatchQueue",
    ({ target, original }, ...args) => {
      interceptClassOf((target as { readonly store: object }).store);
      return outsideRuns(() => original(...args));
    },
  );
  interceptStore(prototype);
}

/** So that it is known when it is used without a graph. */
function interceptClassOf(store: object): void {
  classesBelow("BaseStore", store).forEach(interceptStore);
}
