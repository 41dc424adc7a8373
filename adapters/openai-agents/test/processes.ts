// Processes, as a test has them: runtimes of their own on one database in memory.
import { type Policies, type RunHandle, Runtime, type RuntimeOptions } from "@holdfast/core";
import { idOfKey, memoryDatabase, openMemoryStore } from "@holdfast/core/store";
import { afterEach } from "vitest";
import "../src/index.ts";

export interface Processes {
  /** One more process. */
  next(policies?: Policies, options?: RuntimeOptions): Runtime;
  /** Those started so far die: they stay as they are, and their leases run out. */
  die(): void;
  /** The steps of the run "r", each as `kind name in scope`. */
  steps(): Promise<readonly string[]>;
  /** What happened outside, in all processes. */
  readonly effects: string[];
  readonly effect: (name: string) => Promise<void>;
  /** The run "r", and the number of its open wait for the call with this argument. */
  waitFor(q: string): Promise<{ readonly handle: RunHandle; readonly wait: number }>;
}

const LEASE_MS = 10_001;

/** For all tests of a file. They end with each. */
export function processes(): Processes {
  let passed = 0;
  const empty = () => memoryDatabase({ now: () => new Date(Date.now() + passed) });
  let database = empty();
  const effects: string[] = [];
  const runtimes: Runtime[] = [];
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.close({ grace: 0 })));
    effects.length = 0;
    database = empty();
  });
  function next(policies: Policies = {}, options: RuntimeOptions = {}): Runtime {
    const store = openMemoryStore(database);
    const runtime = new Runtime({ store, hotPeriod: 0, policies, ...options });
    runtimes.push(runtime);
    return runtime;
  }
  return {
    next,
    die() {
      passed += LEASE_MS;
    },
    async steps() {
      const steps = await next().handle("r").steps();
      return steps.map(
        ({ kind, name, scope }) => `${kind} ${name} in ${scope.replace(/@\d+/g, "")}`,
      );
    },
    effects,
    effect: async (name) => void effects.push(name),
    async waitFor(q) {
      const waits = await openMemoryStore(database).waits(idOfKey("run", "default", "r"));
      const found = waits.filter(({ body }) => body?.includes(JSON.stringify(q)));
      return { handle: next().handle("r"), wait: found[0]!.seq };
    },
  };
}
