/**
 * Puts the interception in place: of every model, tool, retriever and store, and every task of a graph,
 * in each copy of LangChain that is known. Invariants: a class is intercepted once; outside a run, and
 * inside a call that is recorded as a whole, everything passes straight through.
 */
import { HoldfastError } from "@holdfast/core";
import { intercept } from "@holdfast/core/adapter";
import {
  type BaseClass,
  type BaseName,
  baseClassesOfProgram,
  classesBelow,
  NEEDED,
  ownBaseClasses,
} from "./base-classes.ts";
import { interceptCacheOf } from "./cache-step.ts";
import { baseClassesIn } from "./classes-in-app.ts";
import {
  interceptBatch,
  interceptCallers,
  reportIfNoStep,
  watchForCallsOutside,
} from "./escaped-call.ts";
import { interceptLLM } from "./llm-step.ts";
import { interceptModel } from "./model-step.ts";
import { interceptRetriever, interceptVectorStore } from "./retrieval-step.ts";
import { interceptBatchedStore, interceptStore } from "./store-step.ts";
import { SUPPORTED } from "./supported.ts";
import { interceptTask } from "./task-scope.ts";
import { interceptRunnableTool, interceptTool } from "./tool-step.ts";

type Interception = (prototype: object) => void;

const INTERCEPTIONS: Readonly<Record<BaseName, Interception>> = {
  BaseChatModel(base) {
    watchForCallsOutside(base, "_separateRunnableConfigFromCallOptionsCompat");
    for (const method of ["generate", "_generateUncached", "_streamIterator", "streamEvents"]) {
      onUse("BaseChatModel", base, method, interceptModel, ["_generate"]);
    }
  },
  BaseLLM(base) {
    watchForCallsOutside(base, "_separateRunnableConfigFromCallOptionsCompat");
    for (const method of ["generate", "_generateUncached", "_streamIterator"]) {
      onUse("BaseLLM", base, method, interceptLLM, ["_generate"]);
    }
  },
  StructuredTool(base) {
    watchForCallsOutside(base, "invoke");
    onUse("StructuredTool", base, "call", interceptTool, ["_call"]);
  },
  RunnableToolLike: interceptRunnableTool,
  RunnableSequence(base) {
    interceptTask(base);
    interceptBatch(Object.getPrototypeOf(base) as object);
  },
  BaseRetriever: (base) =>
    onUse("BaseRetriever", base, "invoke", interceptRetriever, ["_getRelevantDocuments"]),
  VectorStore(base) {
    onUse("VectorStore", base, "asRetriever", interceptVectorStore, []);
    interceptVectorStore(base);
  },
  AsyncCaller: interceptCallers,
  BaseStore: interceptStore,
  AsyncBatchedStore: interceptBatchedStore,
};

/** What they do is done by another server, with a durability of its own. */
const REMOTE = new Set(["RemoteGraph", "RemoteRunnable"]);

const intercepted = new Set<object>();
const installed = new WeakSet<object>();

/**
 * For the copies that come with this package, when it is imported: so that models and tools are durable
 * in plain functions and pipes too, in every process, whatever it ran before.
 */
export function installOwnCopies(): void {
  const own = ownBaseClasses();
  const missing = NEEDED.find((needed) => !own.some(({ name }) => name === needed));
  if (missing !== undefined) throw notAsTested(missing);
  own.forEach(put);
}

/** For the copies that the app is built of. Throws UNSUPPORTED_FRAMEWORK_VERSION if that is none known. */
export function installFor(app: object): void {
  if (installed.has(app)) return;
  if (REMOTE.has(app.constructor.name)) throw remote(app);
  baseClassesOfProgram().forEach(put);
  const bases = baseClassesIn(app);
  bases.forEach(put);
  if (!isOfKnownCopy(app, bases)) throw unknownCopy();
  installed.add(app);
}

/** A graph whose tasks are not seen would be run, and nothing in it found again. */
function isOfKnownCopy(app: object, bases: readonly BaseClass[]): boolean {
  const isGraph = "lg_is_pregel" in app;
  return !isGraph || bases.some(({ name }) => name === "RunnableSequence");
}

function put({ name, prototype }: BaseClass): void {
  if (intercepted.has(prototype)) return;
  intercepted.add(prototype);
  INTERCEPTIONS[name](prototype);
}

/**
 * Has the classes of an object intercepted when a method of its base class is called in a run: concrete
 * classes are unknown until then. An object that does its effect in none of `steps` that is intercepted
 * is reported on the run.
 */
function onUse(
  name: BaseName,
  base: object,
  method: string,
  found: Interception,
  steps: readonly string[],
): void {
  intercept<object, unknown[], unknown>(base, method, ({ run, target, original }, ...args) => {
    classesBelow(name, target).forEach(found);
    if (method === "generate") interceptCacheOf(target);
    reportIfNoStep(run, target, steps);
    return original(...args);
  });
}

function notAsTested(name: string): HoldfastError {
  return new HoldfastError(
    "UNSUPPORTED_FRAMEWORK_VERSION",
    `${name} of @langchain/core is not as this adapter expects it.`,
    {
      hint: `Install the versions it is tested with: @langchain/langgraph ${SUPPORTED} and its peer @langchain/core.`,
      details: { name, supported: SUPPORTED },
    },
  );
}

function unknownCopy(): HoldfastError {
  return new HoldfastError(
    "UNSUPPORTED_FRAMEWORK_VERSION",
    "This graph is built of a copy of @langchain/core whose classes are not found: its model and tool calls would not be recorded.",
    {
      hint: "`npm ls @langchain/core` shows the copies. Leave one, by `npm dedupe` or `overrides`.",
      details: { supported: SUPPORTED },
    },
  );
}

function remote(app: object): HoldfastError {
  return new HoldfastError(
    "APP_NOT_RECOGNISED",
    `A ${app.constructor.name} runs on another server: nothing of it can be recorded here.`,
    { hint: "Call it in a function or a node, in step(): what it returns is durable then." },
  );
}
