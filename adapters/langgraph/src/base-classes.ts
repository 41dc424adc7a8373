/**
 * The classes of LangChain and LangGraph at which calls are intercepted, in each copy of the packages:
 * an app built with `import` and one built with `require` use different classes of the same package, and
 * a package installed twice has more of them. Finding a class changes nothing.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as chatModels from "@langchain/core/language_models/chat_models";
import * as llms from "@langchain/core/language_models/llms";
import * as retrievers from "@langchain/core/retrievers";
import * as runnables from "@langchain/core/runnables";
import * as tools from "@langchain/core/tools";
import * as callers from "@langchain/core/utils/async_caller";
import * as vectorStores from "@langchain/core/vectorstores";
import * as langgraph from "@langchain/langgraph";

/** By name, the methods that have to be there for it to be the class that is meant. */
const METHODS = {
  BaseChatModel: ["generate", "_generateUncached", "_streamIterator", "streamEvents"],
  BaseLLM: ["generate", "_generateUncached", "_streamIterator"],
  StructuredTool: ["invoke", "call"],
  RunnableToolLike: [],
  RunnableBinding: ["invoke"],
  RunnableSequence: ["invoke"],
  BaseRetriever: ["invoke"],
  VectorStore: ["similaritySearch", "similaritySearchWithScore", "asRetriever"],
  AsyncCaller: ["call"],
  BaseStore: ["get", "search", "put", "delete", "listNamespaces"],
  AsyncBatchedStore: ["get", "search", "put", "delete", "processBatchQueue"],
} as const;

export type BaseName = keyof typeof METHODS;

export interface BaseClass {
  readonly name: BaseName;
  readonly prototype: object;
}

/** What a copy must have to be of use at all. */
export const NEEDED: readonly BaseName[] = ["BaseChatModel", "StructuredTool", "RunnableSequence"];

const MODULES: ReadonlyMap<string, object> = new Map<string, object>([
  ["@langchain/core/language_models/chat_models", chatModels],
  ["@langchain/core/language_models/llms", llms],
  ["@langchain/core/tools", tools],
  ["@langchain/core/runnables", runnables],
  ["@langchain/core/retrievers", retrievers],
  ["@langchain/core/vectorstores", vectorStores],
  ["@langchain/core/utils/async_caller", callers],
  ["@langchain/langgraph", langgraph],
]);

/** Those that come with this package: for `import`, and for `require`. */
export function ownBaseClasses(): readonly BaseClass[] {
  return [...[...MODULES.values()].flatMap(exportedBy), ...seenFrom(import.meta.filename)];
}

/** Those that the program, or a package it depends on, would load. None if it has no others. */
export function baseClassesOfProgram(): readonly BaseClass[] {
  placesOfProgram ??= findPlacesOfProgram();
  return placesOfProgram.flatMap(seenFrom);
}

let placesOfProgram: readonly string[] | undefined;

function findPlacesOfProgram(): readonly string[] {
  const [, script] = process.argv;
  const places = [...(script === undefined ? [] : [script]), join(process.cwd(), "program.js")];
  return places.flatMap((place) => [place, ...dependenciesSeenFrom(place)]);
}

/**
 * Those of what an app holds, its nodes, models, tools and stores as far as they can be reached, and all
 * others of the same copies.
 */
export function baseClassesIn(app: object): readonly BaseClass[] {
  const found = new Map<object, BaseClass>();
  const places = new Set<string>();
  const seenPrototypes = new Set<object>();
  const seen = new Set<object>([app]);
  for (const object of seen) {
    const { prototypes, parts } = lookAt(object);
    for (const prototype of prototypes) {
      if (seenPrototypes.has(prototype)) continue;
      seenPrototypes.add(prototype);
      const base = asBaseClass(prototype);
      if (base !== undefined) found.set(prototype, base);
      const place = isRunnable(prototype) ? placeOf(object as Runnable) : undefined;
      if (place !== undefined) places.add(place);
    }
    for (const part of parts) if (seen.size < MOST_OBJECTS) seen.add(part);
  }
  return [...found.values(), ...[...places].flatMap(seenFrom)];
}

/** Far more than an app has that is not built of data. */
const MOST_OBJECTS = 20_000;

interface Runnable {
  pipe(next: undefined): unknown;
}

function isRunnable(prototype: object): prototype is Runnable {
  return classNameOf(prototype) === "Runnable" && Object.hasOwn(prototype, "pipe");
}

/** A file of the copy of LangChain that an object is of: told by the stack of a call that it refuses. */
function placeOf(runnable: Runnable): string | undefined {
  try {
    runnable.pipe(undefined);
    return undefined;
  } catch (error) {
    const place = /(?:file:\/\/)?([^\s()]*@langchain[\\/]core)[\\/]dist[\\/]/.exec(
      (error as Error).stack ?? "",
    );
    return place?.[1] && join(place[1], "package.json");
  }
}

/** The prototypes of an object, the nearest first. */
export function prototypesOf(object: object): readonly object[] {
  const prototypes: object[] = [];
  for (let at: unknown = object; ; ) {
    at = Object.getPrototypeOf(at);
    if (typeof at !== "object" || at === null) return prototypes;
    prototypes.push(at);
  }
}

/** The prototypes of an object that is of a class below a base class, up to that, without it. */
export function classesBelow(base: BaseName, object: object): readonly object[] {
  const prototypes = prototypesOf(object);
  const end = prototypes.findIndex((prototype) => classNameOf(prototype) === base);
  return prototypes.slice(0, Math.max(end, 0));
}

/** Whatever an app holds is looked at: there are objects without a class, too. */
function classNameOf(prototype: object): string | undefined {
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof made === "function" ? made.name : undefined;
}

function asBaseClass(prototype: object): BaseClass | undefined {
  const name = classNameOf(prototype);
  if (name === undefined || !Object.hasOwn(METHODS, name)) return undefined;
  const isIt = METHODS[name as BaseName].every((method) => Object.hasOwn(prototype, method));
  return isIt ? { name: name as BaseName, prototype } : undefined;
}

const searched = new Set<string>();

function exportedBy(module: object): readonly BaseClass[] {
  return Object.values(module).flatMap((exported: unknown) => {
    if (typeof exported !== "function" || typeof exported.prototype !== "object") return [];
    return exported.prototype === null ? [] : (asBaseClass(exported.prototype as object) ?? []);
  });
}

/** None the second time it is asked. */
function seenFrom(file: string): readonly BaseClass[] {
  if (searched.has(file)) return [];
  searched.add(file);
  const require = createRequire(file);
  return [...MODULES.keys()].flatMap((name) => {
    try {
      const path = require.resolve(name);
      const forms = [path, path.replace(/\.cjs$/, ".js")];
      return forms.flatMap((form) => exportedBy(require(form) as object));
    } catch {
      return []; // It has none, or one of a form that is not known here.
    }
  });
}

/** Packages that bring a copy of LangChain of their own. */
function dependenciesSeenFrom(file: string): readonly string[] {
  const manifest = manifestAbove(dirname(file));
  if (manifest === undefined) return [];
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    readFileSync(manifest, "utf8"),
  ) as Manifest;
  const root = dirname(manifest);
  return Object.keys({ ...dependencies, ...devDependencies })
    .map((name) => join(root, "node_modules", name, "package.json"))
    .filter((path) => existsSync(join(dirname(path), "node_modules/@langchain/core")));
}

interface Manifest {
  readonly dependencies?: object;
  readonly devDependencies?: object;
}

function manifestAbove(folder: string): string | undefined {
  const path = join(folder, "package.json");
  if (existsSync(path)) return path;
  const above = dirname(folder);
  return above === folder ? undefined : manifestAbove(above);
}

interface Looked {
  readonly prototypes: readonly object[];
  readonly parts: readonly object[];
}

function lookAt(object: object): Looked {
  try {
    return { prototypes: prototypesOf(object), parts: partsOf(object) };
  } catch {
    return { prototypes: [], parts: [] }; // A proxy that does not let itself be looked at.
  }
}

/** What an object holds, without running any code of it but a graph's own. */
function partsOf(object: object): readonly object[] {
  if (ArrayBuffer.isView(object)) return [];
  const values: unknown[] = Object.values(Object.getOwnPropertyDescriptors(object)).map(
    ({ value }) => value as unknown,
  );
  if (object instanceof Map) values.push(...object.keys(), ...object.values());
  if (object instanceof Set) values.push(...object);
  // The sequence that a node of a graph is run as is made when it is asked for.
  if ("getNode" in object && typeof object.getNode === "function") values.push(object.getNode());
  return values.filter((value): value is object => typeof value === "object" && value !== null);
}
