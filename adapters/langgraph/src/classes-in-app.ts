/**
 * The classes that an app is built of, found by going through what it holds: for copies of LangChain that
 * neither this package nor the program would load. Looking changes nothing, and runs no code of the user.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  asBaseClass,
  type BaseClass,
  classesSeenFrom,
  classNameOf,
  prototypesOf,
} from "./base-classes.ts";

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
  return [...found.values(), ...[...places].flatMap(classesSeenFrom)];
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
    const [folder] = FOLDER_OF_CORE.exec((error as Error).stack ?? "") ?? [];
    if (folder === undefined) return undefined;
    return join(folder.startsWith("file:") ? fileURLToPath(folder) : folder, "package.json");
  }
}

const FOLDER_OF_CORE =
  /(?:file:\/\/\/|\/|[A-Za-z]:\\)[^\n(]*?@langchain[\\/]core(?=[\\/]dist[\\/])/;

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
