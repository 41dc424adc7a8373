// Processes, as a test has them: runtimes of their own on one database in memory, which can die where
// they stand.
import { Runtime, type RuntimeOptions } from "@holdfast/core";
import { idOfKey, memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { afterEach, expect } from "vitest";
import "../src/index.ts";
import type { DurableApp } from "./crash-scenario.ts";

export interface Processes {
  /** One more process. */
  next(options?: RuntimeOptions): Runtime;
  /** Those started so far die: they stay as they are, and their leases run out. */
  die(): void;
  /** In a node of the run "r": does something, dies right after it, and does it again elsewhere. */
  twice<T>(part: () => Promise<T>, options?: RuntimeOptions): Promise<readonly [live: T, again: T]>;
  /** The steps of the run "r", each as `kind name in scope`, the numbers of steps left out. */
  steps(): Promise<readonly string[]>;
  /** What the run "r" says has escaped, or was stored as less than it is. */
  reported(entry: "escaped" | "lossy"): Promise<readonly string[]>;
}

const LEASE_MS = 10_001;
export const durable = { runId: "r" };

/** For all tests of a file: each has a database of its own. */
export function processes(): Processes {
  let passed = 0;
  const empty = () => memoryDatabase({ now: () => new Date(Date.now() + passed) });
  let database = empty();
  const runtimes: Runtime[] = [];
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close({ grace: 0 })));
    database = empty();
  });

  function next(options: RuntimeOptions = {}): Runtime {
    const runtime = new Runtime({ store: openMemoryStore(database), hotPeriod: 0, ...options });
    runtimes.push(runtime);
    return runtime;
  }
  const die = () => {
    passed += LEASE_MS;
  };

  return {
    next,
    die,
    async twice(part, options) {
      const results: Awaited<ReturnType<typeof part>>[] = [];
      const { promise: reached, resolve, reject } = Promise.withResolvers<void>();
      const app = inNode(async () => {
        results.push(await part());
        resolve();
        if (results.length === 1) await new Promise(() => {});
      });
      next(options).run(app, {}, { durable }).catch(reject);
      await reached;
      die();
      await next(options).run(app, {}, { durable });
      expect(results).toHaveLength(2);
      return [results[0]!, results[1]!];
    },
    async steps() {
      const steps = await next().handle("r").steps();
      return steps.map(
        ({ kind, name, scope }) => `${kind} ${name} in ${scope.replace(/@\d+/g, "")}`,
      );
    },
    async reported(about) {
      const found: string[] = [];
      const entries = openMemoryStore(database).journal(idOfKey("run", "default", "r"));
      for await (const { entry, value } of entries) {
        if (entry !== about) continue;
        const what: unknown = JSON.parse(value!);
        found.push(typeof what === "string" ? what : value!);
      }
      return found;
    },
  };
}

/** A graph of one node that does something. */
export function inNode(part: () => Promise<unknown>): DurableApp {
  const State = Annotation.Root({ done: Annotation<boolean> });
  const node = async () => {
    await part();
    return { done: true };
  };
  const graph = new StateGraph(State).addNode("node", node);
  return graph.addEdge(START, "node").addEdge("node", END).compile();
}
