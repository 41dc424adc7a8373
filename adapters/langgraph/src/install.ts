/**
 * Puts the interception in place: of every chat model, every tool and every task of a graph, in each
 * copy of LangChain that is known. Invariants: a class is intercepted once; outside a run, and inside
 * a model call that is recorded as a whole, everything passes straight through.
 */
import { HoldfastError } from "@holdfast/core";
import { findRun } from "@holdfast/core/adapter";
import { type CoreCopy, copiesOfProgram, ownCopies, prototypesOf } from "./core-copy.ts";
import { interceptModel } from "./model-step.ts";
import { SUPPORTED } from "./supported.ts";
import { interceptTask } from "./task-scope.ts";
import { interceptTool } from "./tool-step.ts";
import { wrapMethod } from "./wrap-method.ts";

const intercepted = new Map<object, CoreCopy>();

/**
 * For the copies that come with this package, when it is imported: so that models and tools are durable
 * in plain functions and pipes too, in every process, whatever it ran before.
 */
export function installOwnCopies(): void {
  for (const copy of ownCopies()) intercept(copy);
}

/** For the copy the app belongs to. Throws UNSUPPORTED_FRAMEWORK_VERSION if it cannot be found. */
export function installFor(app: object): void {
  if (isIntercepted(app)) return;
  for (const copy of copiesOfProgram()) intercept(copy);
  if (isIntercepted(app)) return;
  throw new HoldfastError(
    "UNSUPPORTED_FRAMEWORK_VERSION",
    "This graph comes from a copy of @langchain/core that is neither ours nor the program's: its model and tool calls would not be recorded.",
    {
      hint: "`npm ls @langchain/core` shows the copies. Leave one, by `npm dedupe` or `overrides`.",
      details: { supported: SUPPORTED },
    },
  );
}

function isIntercepted(app: object): boolean {
  return prototypesOf(app).some((prototype) => intercepted.has(prototype));
}

function intercept(copy: CoreCopy): void {
  if (intercepted.has(copy.runnable)) return;
  // Concrete classes are unknown until one of their objects is used.
  onUse(copy.model, ["generate", "_generateUncached", "_streamIterator", "streamEvents"], (model) =>
    classesBelow(copy.model, model).forEach(interceptModel),
  );
  onUse(copy.tool, ["call"], (tool) => classesBelow(copy.tool, tool).forEach(interceptTool));
  if (!interceptTask(copy.sequence)) throw missing("RunnableSequence.invoke");
  intercepted.set(copy.runnable, copy);
}

/** Has something done with each object whose method is called in a run, before it is. */
function onUse(prototype: object, methods: readonly string[], use: (object: object) => void): void {
  for (const name of methods) {
    const isThere = wrapMethod(prototype, name, (original) => {
      return function (...args) {
        if (findRun() !== undefined) use(this);
        return original.apply(this, args);
      };
    });
    if (!isThere) throw missing(`${prototype.constructor.name}.${name}`);
  }
}

/** The prototypes of an object up to the base class, without that. */
function classesBelow(base: object, object: object): readonly object[] {
  const prototypes = prototypesOf(object);
  return prototypes.slice(0, prototypes.indexOf(base));
}

function missing(method: string): HoldfastError {
  return new HoldfastError(
    "UNSUPPORTED_FRAMEWORK_VERSION",
    `${method} of @langchain/core is not where this adapter expects it.`,
    {
      hint: `Install the versions it is tested with: @langchain/langgraph ${SUPPORTED} and its peer @langchain/core.`,
      details: { method, supported: SUPPORTED },
    },
  );
}
