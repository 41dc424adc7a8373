/** The adapters of this process. Those of frameworks register themselves when they are imported. */
import { HoldfastError } from "../errors/index.ts";
import type { Adapter } from "./adapter.ts";
import { functionAdapter } from "./function-adapter.ts";
import { pipeAdapter } from "./pipe.ts";

/** Shared by all copies of this package in the process. */
const REGISTERED = Symbol.for("holdfast.adapters");
const registered: Map<string, Adapter> = shared();

/** Makes an adapter known to every runtime of the process. One of the same name is replaced. */
export function registerAdapter(adapter: Adapter): void {
  registered.set(adapter.name, adapter);
}

/** Those of a runtime: its own, and the registered ones of other names. */
export function allAdapters(own: readonly Adapter[]): readonly Adapter[] {
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...[...registered.values()].filter(({ name }) => !names.has(name))];
}

/** Whether something is an app. */
export function recognises(app: unknown, own: readonly Adapter[]): boolean {
  return candidates(own).some((adapter) => adapter.recognises(app));
}

/** The adapter for an app: one of `own`, a registered one, or that for functions or pipes. */
export function adapterFor(app: unknown, own: readonly Adapter[]): Adapter {
  const all = candidates(own);
  const found = all.find((adapter) => adapter.recognises(app));
  if (found !== undefined) return found;
  throw new HoldfastError(
    "APP_NOT_RECOGNISED",
    `No adapter recognises this app: ${describe(app)}.`,
    {
      hint: `Import the adapter of its framework, such as "@holdfast/langgraph". Known here: ${all.map(({ name }) => name).join(", ")}.`,
      details: { adapters: all.map(({ name }) => name) },
    },
  );
}

function candidates(own: readonly Adapter[]): readonly Adapter[] {
  return [...allAdapters(own), functionAdapter, pipeAdapter];
}

function describe(app: unknown): string {
  if (app === null || typeof app !== "object") return String(typeof app);
  return `an object of class ${app.constructor?.name ?? "unknown"}`;
}

function shared(): Map<string, Adapter> {
  const slots = globalThis as { [REGISTERED]?: Map<string, Adapter> };
  slots[REGISTERED] ??= new Map();
  return slots[REGISTERED];
}
