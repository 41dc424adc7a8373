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
  return [...[...MODULES.values()].flatMap(exportedBy), ...classesSeenFrom(import.meta.filename)];
}

/** Those that the program, or a package it depends on, would load. None if it has no others. */
export function baseClassesOfProgram(): readonly BaseClass[] {
  placesOfProgram ??= findPlacesOfProgram();
  return placesOfProgram.flatMap(classesSeenFrom);
}

let placesOfProgram: readonly string[] | undefined;

function findPlacesOfProgram(): readonly string[] {
  const [, script] = process.argv;
  const places = [...(script === undefined ? [] : [script]), join(process.cwd(), "program.js")];
  return places.flatMap((place) => [place, ...dependenciesSeenFrom(place)]);
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

/** Of the class that a prototype is of: there are prototypes of none, too. */
export function classNameOf(prototype: object): string | undefined {
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof made === "function" ? made.name : undefined;
}

export function asBaseClass(prototype: object): BaseClass | undefined {
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

/** Those that a file would load. None the second time it is asked. */
export function classesSeenFrom(file: string): readonly BaseClass[] {
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
