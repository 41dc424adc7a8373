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
  const places = [process.argv[1], join(process.cwd(), "program.js")].filter(
    (place) => place !== undefined,
  );
  const found = new Set(places.flatMap((place) => [place, ...dependenciesSeenFrom(place)]));
  return [...found].flatMap(seenFrom);
}

/** Those of what an app holds: its nodes, models, tools and stores, as far as they can be reached. */
export function baseClassesIn(app: object): readonly BaseClass[] {
  const found = new Map<object, BaseClass>();
  const seen = new Set<object>([app]);
  for (const object of seen) {
    for (const prototype of prototypesOf(object)) {
      const base = asBaseClass(prototype);
      if (base !== undefined) found.set(prototype, base);
    }
    for (const part of partsOf(object)) if (seen.size < MOST_OBJECTS) seen.add(part);
  }
  return [...found.values()];
}

/** Far more than an app has that is not built of data. */
const MOST_OBJECTS = 20_000;

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
  const end = prototypes.findIndex((prototype) => prototype.constructor.name === base);
  return prototypes.slice(0, Math.max(end, 0));
}

function asBaseClass(prototype: object): BaseClass | undefined {
  if (!Object.hasOwn(prototype, "constructor")) return undefined;
  const { name } = prototype.constructor;
  if (!Object.hasOwn(METHODS, name)) return undefined;
  const isIt = METHODS[name as BaseName].every((method) => Object.hasOwn(prototype, method));
  return isIt ? { name: name as BaseName, prototype } : undefined;
}

function exportedBy(module: object): readonly BaseClass[] {
  return Object.values(module).flatMap((exported: unknown) => {
    if (typeof exported !== "function" || typeof exported.prototype !== "object") return [];
    return exported.prototype === null ? [] : (asBaseClass(exported.prototype as object) ?? []);
  });
}

function seenFrom(file: string): readonly BaseClass[] {
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
