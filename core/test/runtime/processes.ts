/** Runtimes on one database in memory, each what a process is; one can die where it stands. */
import { afterEach, beforeEach } from "vitest";
import { Runtime, type RuntimeOptions } from "../../src/index.ts";
import { type MemoryDatabase, memoryDatabase, openMemoryStore } from "../../src/store/index.ts";
import { LEASE_MS } from "../../src/worker/membership.ts";

export interface Processes {
  /** One more process. */
  start(options?: RuntimeOptions): Runtime;
  /** Those started so far die: they stay as they are, and their leases run out. */
  die(): void;
  /** As the run "r": runs the program, lets its process die right after it, and runs it in another. */
  twice<T>(program: () => Promise<T>): Promise<readonly [live: T, replayed: T]>;
  database(): MemoryDatabase;
}

/** To be called at the top of a test file: each test has a database of its own. */
export function processes(): Processes {
  let database: MemoryDatabase;
  let runtimes: Runtime[];
  let passed: number;
  beforeEach(() => {
    passed = 0;
    database = memoryDatabase({ now: () => new Date(Date.now() + passed) });
    runtimes = [];
  });
  afterEach(() => Promise.all(runtimes.map((runtime) => runtime.close({ grace: 0 }))));
  const start = (options: RuntimeOptions = {}) => {
    const runtime = new Runtime({ store: openMemoryStore(database), hotPeriod: 0, ...options });
    runtimes.push(runtime);
    return runtime;
  };
  const die = () => {
    passed += LEASE_MS + 1;
  };
  return {
    start,
    die,
    async twice<T>(program: () => Promise<T>) {
      const options = { durable: { runId: "r" } };
      const { reached, body } = deadly();
      let first: T | undefined;
      // Neither has a name: they are the same app.
      const begun = start().run(
        async (_: null) => {
          first = await program();
          return body();
        },
        null,
        options,
      );
      begun.catch(() => {});
      await reached;
      die();
      return [first as T, await start().run((_: null) => program(), null, options)];
    },
    database: () => database,
  };
}

/** A body in which the process dies: `reached` resolves when it runs. */
export function deadly(): { readonly reached: Promise<void>; readonly body: () => Promise<never> } {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const body = () => {
    resolve();
    return new Promise<never>(() => {});
  };
  return { reached, body };
}
