// `{"$error":{"name":"TypeError","message":"…","stack":"…","cause":…,"data":{"code":"E1"}}}`. A class
// is never taken from data: `class` names one of the standard classes below, or decoding refuses.
import { types } from "node:util";
import type { BuiltInTag } from "./built-in.ts";
import { expectData, isRecord } from "./data.ts";

interface ErrorClass {
  readonly prototype: Error;
  create(message: string, name: string): Error;
}

const CLASSES: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([
  ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(
    (type): [string, ErrorClass] => [
      type.name,
      { prototype: type.prototype, create: () => new type() },
    ],
  ),
  ["AggregateError", { prototype: AggregateError.prototype, create: () => new AggregateError([]) }],
  [
    "DOMException",
    {
      prototype: DOMException.prototype,
      create: (message, name) => new DOMException(message, name),
    },
  ],
]);

/** Own properties of an error that are not enumerable where the language defines them. */
const LANGUAGE_PROPERTIES = ["message", "cause", "errors"] as const;

export const errorTag: BuiltInTag<Error> = {
  tag: "$error",
  prototypes: [...CLASSES.values()].map((type) => type.prototype),
  // In Node 22 a DOMException is no native error.
  is: (value): value is Error => types.isNativeError(value) || value instanceof DOMException,
  isExact: isPlatformError,
  encode(value, walk) {
    const standard = standardClass(value);
    const name = typeof value.name === "string" ? value.name : standard;
    const encoded: Record<string, unknown> = { name };
    if (name !== standard) encoded.class = standard;
    if (standard === "DOMException") encoded.message = value.message;
    for (const key of LANGUAGE_PROPERTIES) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (property === undefined || property.enumerable) continue;
      encoded[key] = walk.child(value[key as keyof Error], key);
    }
    const stack = readStack(value);
    if (typeof stack === "string") encoded.stack = walk.child(stack, "stack");
    const data = walk.record(value, ["name", "stack", ...LANGUAGE_PROPERTIES]);
    if (Object.keys(data).length > 0) encoded.data = data;
    return encoded;
  },
  decode(data) {
    expectData(isRecord(data), "an object");
    const { name, class: standard = name, stack, data: own } = data;
    expectData(typeof name === "string" && typeof standard === "string", "a name");
    const type = CLASSES.get(standard);
    expectData(type !== undefined, "a standard error class");
    const error = type.create(String(data.message ?? ""), name);
    for (const key of LANGUAGE_PROPERTIES) {
      if (key === "message" && standard === "DOMException") continue;
      if (Object.hasOwn(data, key)) define(error, key, data[key], false);
    }
    expectData(own === undefined || isRecord(own), "data to be an object");
    const named = own !== undefined && Object.hasOwn(own, "name");
    if (!named && error.name !== name) define(error, "name", name, false);
    define(error, "stack", stack, false);
    for (const key of Object.keys(own ?? {})) define(error, key, own?.[key], true);
    return error;
  },
};

/** Node throws errors of unreachable subclasses that bear the name of the class they extend. */
function isPlatformError(error: Error): boolean {
  const type: unknown = Object.getPrototypeOf(error)?.constructor;
  const standard = standardClass(error);
  const { prototype } = CLASSES.get(standard) as ErrorClass;
  return (
    typeof type === "function" &&
    type.name === standard &&
    Object.prototype.isPrototypeOf.call(prototype, error)
  );
}

/** The standard class the error is an instance of; for errors of another realm, by its name. */
function standardClass(error: Error): string {
  for (let type: object | null = error; type !== null; type = Object.getPrototypeOf(type)) {
    for (const [name, { prototype }] of CLASSES) if (prototype === type) return name;
  }
  return CLASSES.has(error.name) && error.name !== "DOMException" ? error.name : "Error";
}

/** Making the text of a stack can run user code, which throws for an odd name or message. */
function readStack(error: Error): unknown {
  try {
    // An enumerable one is data, as every property is that the user made so.
    return Object.prototype.propertyIsEnumerable.call(error, "stack") ? undefined : error.stack;
  } catch {
    return undefined;
  }
}

function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true });
}
