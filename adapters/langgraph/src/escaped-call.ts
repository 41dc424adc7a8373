/**
 * Calls that are no step although they belong to a run. Nothing can be done about them here but to say
 * so on the run, where it is read before a crash repeats them.
 */
import { findRun, intercept, isIntercepted, type RunContext } from "@holdfast/core/adapter";

/** An object that does its effect in a method that is not intercepted: on the object itself, say. */
export function reportIfNoStep(run: RunContext, target: object, methods: readonly string[]): void {
  for (const name of methods) {
    const method: unknown = Reflect.get(target, name);
    if (typeof method !== "function" || isIntercepted(method)) continue;
    reportOnce(
      run,
      `${describe(target)}: its ${name} is not that of a class, so it cannot be recorded. Wrap the call in step().`,
    );
  }
}

/** Whether LangChain is just handing the calls of a batch to a caller of the batch's own. */
let isBatching = false;

/** What a batch consists of is recorded where it is called: see `interceptCallers`. */
export function interceptBatch(runnable: object): void {
  intercept<object, unknown[], unknown>(runnable, "batch", ({ original }, ...args) =>
    batching(true, () => original(...args)),
  );
}

function batching<T>(whether: boolean, part: () => T): T {
  const before = isBatching;
  isBatching = whether;
  try {
    return part();
  } finally {
    isBatching = before;
  }
}

/** HTTP calls of LangChain's integrations go through this: outside of a step nobody has recorded one. */
export function interceptCallers(asyncCaller: object): void {
  intercept<object, unknown[], unknown>(asyncCaller, "call", ({ run, original }, ...args) => {
    // What it calls may begin at once, and call an integration itself.
    if (isBatching) return batching(false, () => original(...args));
    if (run.inside === undefined) {
      reportOnce(
        run,
        `A call of a LangChain integration in ${run.path || "the app"} that is no step: embeddings or a loader, used directly. Give embeddings to durableEmbeddings(), or wrap the call in step().`,
      );
    }
    return original(...args);
  });
}

interface Config {
  readonly configurable?: { readonly __pregel_scratchpad?: object };
}

/** By what LangGraph hands down in the config of a task. */
const runs = new WeakMap<object, RunContext>();

/** Remembers whose task a config is of. */
export function rememberConfig(options: unknown, run: RunContext): void {
  const mark = (options as Config).configurable?.__pregel_scratchpad;
  if (mark !== undefined) runs.set(mark, run);
}

const WATCHED = Symbol.for("holdfast.langgraph.watched");

/** Reports calls that are made outside of any run with the config of a task: by a queue, say. */
export function watchForCallsOutside(base: object, name: string): void {
  const property = Object.getOwnPropertyDescriptor(base, name);
  const method: unknown = property?.value;
  if (property === undefined || typeof method !== "function" || WATCHED in method) return;
  function watching(this: object, ...args: unknown[]): unknown {
    if (findRun() === undefined) for (const arg of args) reportOutside(this, arg);
    return (method as (...given: unknown[]) => unknown).apply(this, args);
  }
  Object.defineProperties(watching, {
    name: { value: method.name },
    length: { value: method.length },
    [WATCHED]: { value: true },
  });
  Object.defineProperty(base, name, { ...property, value: watching });
}

function reportOutside(target: object, options: unknown): void {
  const mark = (options as Config | undefined)?.configurable?.__pregel_scratchpad;
  const run = mark && runs.get(mark);
  if (run === undefined || run.signal.aborted) return;
  reportOnce(
    run,
    `${describe(target)} was called from outside the run: by a queue or a timer that was started before it. Start that in the run, or wrap what waits for it in step().`,
  );
}

const reported = new WeakMap<RunContext, Set<string>>();

function reportOnce(run: RunContext, what: string): void {
  const known = reported.get(run) ?? new Set();
  reported.set(run, known);
  if (known.has(what)) return;
  known.add(what);
  run.reportEscaped(what);
}

function describe(target: object): string {
  const { name } = target as { readonly name?: unknown };
  const kind = target.constructor.name;
  return typeof name === "string" && name !== "" ? `${kind} "${name}"` : kind;
}
