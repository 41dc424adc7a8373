// Turns a value into a tree that JSON.stringify writes, with tags where JSON has no notation. What
// is plain JSON already is passed through uncopied. If no loss is reported, decoding gives back a
// value that is deeply and strictly equal.
import { types } from "node:util";
import type { HoldfastError } from "../errors/index.ts";
import { arrayKeys } from "./array-keys.ts";
import type { CodecExtension } from "./extension.ts";
import { describe, isOpaque } from "./instance.ts";
import { Losses } from "./loss.ts";
import type { Segment } from "./path.ts";
import { setProperty } from "./property.ts";
import {
  cyclic,
  extensionThrew,
  stackExhausted,
  tooDeep,
  tooLarge,
  unreadable,
} from "./refusal.ts";
import type { BuiltInTag, Walk } from "./tags/built-in.ts";
import { BUILT_IN_TAGS } from "./tags/index.ts";
import { encodeBigint, encodeNumber, encodeUndefined, isJsonNumber } from "./tags/primitives.ts";
import { encodeDict, encodeLiteral } from "./tags/records.ts";
import { encodeSparse } from "./tags/sparse.ts";

/** Deep enough for data, shallow enough for the call stacks of this and of readers whose code is cold. */
const MAX_DEPTH = 500;

const TAG_BY_PROTOTYPE: ReadonlyMap<object | null, BuiltInTag<object>> = new Map(
  BUILT_IN_TAGS.flatMap((tag) => tag.prototypes.map((prototype) => [prototype, tag] as const)),
);

type Properties = Record<string, unknown>;

/** Encodes one value once. Whatever `encode` throws, `refusal` makes the error to report. */
export class Encoder implements Walk {
  readonly losses: Losses = new Losses();
  readonly #extensions: readonly CodecExtension[];
  readonly #maxBytes: number;
  /** Not unwound when something throws, so it then names the place. */
  readonly #path: Segment[] = [];
  readonly #ancestors: unknown[] = [];
  readonly #ancestorPathLengths: number[] = [];
  /** At most the length of the final text, so when this exceeds the limit, the text would too. */
  #bytes = 0;
  #refusal: HoldfastError | undefined;

  constructor(extensions: readonly CodecExtension[], maxBytes: number) {
    this.#extensions = extensions;
    this.#maxBytes = maxBytes;
  }

  encode(value: unknown): unknown {
    switch (typeof value) {
      case "string":
        this.reserve(value.length + 2);
        return value;
      case "number":
        this.reserve(1);
        return isJsonNumber(value) ? value : encodeNumber(value);
      case "boolean":
        this.reserve(4);
        return value;
      case "undefined":
        this.reserve(4);
        return encodeUndefined();
      case "bigint":
        this.reserve(1);
        return encodeBigint(value);
      case "object":
        return value === null ? null : this.#object(value);
      default:
        this.reserve(4);
        return this.#functionOrSymbol(value);
    }
  }

  /** The error for something that `encode` threw: its own refusal, or user code that failed. */
  refusal(thrown: unknown): HoldfastError {
    if (thrown === this.#refusal) return this.#refusal as HoldfastError;
    const overflow = thrown instanceof RangeError && thrown.message.includes("call stack");
    return overflow ? stackExhausted(this.#path, thrown) : unreadable(this.#path, thrown);
  }

  child(value: unknown, ...path: Segment[]): unknown {
    this.#path.push(...path);
    const encoded = this.encode(value);
    this.#path.length -= path.length;
    return encoded;
  }

  record(source: object, hidden: readonly string[] = []): Properties {
    return escapeTag(this.#properties(source, hidden));
  }

  lose(what: string, ...path: Segment[]): void {
    this.losses.add([...this.#path, ...path], what);
  }

  loseOwnProperties(value: object, except: readonly string[] = []): void {
    for (const name of Object.getOwnPropertyNames(value)) {
      if (!except.includes(name)) this.lose(`property of ${describe(value)}, left out`, name);
    }
    this.#loseSymbols(value);
  }

  reserve(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes) this.#refuse(tooLarge(this.#maxBytes, { path: this.#path }));
  }

  /** Counts nothing itself: what has a class, or a toJSON, may become a primitive. */
  #object(value: object): unknown {
    this.#enter(value);
    const prototype = Object.getPrototypeOf(value);
    let encoded: unknown;
    if (Array.isArray(value)) encoded = this.#array(value, prototype);
    else if (prototype === Object.prototype) encoded = this.#plain(value);
    else if (prototype === null) encoded = encodeDict(this.#properties(value, []));
    else encoded = this.#extended(value) ?? this.#builtIn(value) ?? this.#instance(value);
    this.#leave();
    return encoded;
  }

  #plain(value: object): unknown {
    if (typeof (value as { toJSON?: unknown }).toJSON === "function") return this.#instance(value);
    this.reserve(2);
    return this.record(value);
  }

  /** Encodes the enumerable own properties; returns `source` itself if none of them changed. */
  #properties(source: object, hidden: readonly string[]): Properties {
    let copy: Properties | undefined = readsTheSame(source) ? undefined : {};
    for (const name of Object.getOwnPropertyNames(source)) {
      const property = Object.getOwnPropertyDescriptor(source, name);
      if (property === undefined) continue;
      if (!property.enumerable) {
        if (!hidden.includes(name)) this.lose("property that is not enumerable, left out", name);
        continue;
      }
      this.#path.push(name);
      this.reserve(name.length + 3);
      const accessor = property.get !== undefined || property.set !== undefined;
      if (accessor) this.lose("accessor, stored as the value it gave");
      const value: unknown = accessor ? (source as Properties)[name] : property.value;
      const encoded = this.encode(value);
      if (copy === undefined && (accessor || encoded !== value)) copy = copyUntil(source, name);
      if (copy !== undefined) setProperty(copy, name, encoded);
      this.#path.pop();
    }
    this.#loseSymbols(source);
    return copy ?? (source as Properties);
  }

  #array(source: readonly unknown[], prototype: unknown): unknown {
    this.reserve(2);
    if (prototype !== Array.prototype) {
      const extended = this.#extended(source);
      if (extended !== undefined) return extended;
      this.lose(`${describe(source)}, stored as an array`);
    }
    this.#loseSymbols(source);
    const { indexes, names } = arrayKeys(source);
    for (const name of names) this.lose("property of an array, left out", name);
    if (indexes === undefined) return this.#items(source);
    const items = indexes.map((index): [number, unknown] => [
      index,
      this.child(source[index], index),
    ]);
    return encodeSparse(source.length, items);
  }

  #items(source: readonly unknown[]): readonly unknown[] {
    let copy: unknown[] | undefined = readsTheSame(source) ? undefined : [];
    for (let index = 0; index < source.length; index++) {
      const value = source[index];
      this.#path.push(index);
      if (index > 0) this.reserve(1);
      const encoded = this.encode(value);
      this.#path.pop();
      if (copy === undefined && encoded !== value) copy = source.slice(0, index);
      if (copy !== undefined) copy.push(encoded);
    }
    return copy ?? source;
  }

  #functionOrSymbol(value: unknown): unknown {
    this.#enter(value);
    const extended = this.#extended(value);
    this.#leave();
    if (extended !== undefined) return extended;
    this.lose(`${typeof value}, stored as undefined`);
    return encodeUndefined();
  }

  #extended(value: unknown): unknown {
    for (const extension of this.#extensions) {
      let data: unknown;
      try {
        if (!extension.is(value)) continue;
        data = extension.encode(value);
      } catch (cause) {
        this.#refuse(extensionThrew(this.#path, extension.tag, cause));
      }
      this.reserve(extension.tag.length + 6);
      return { [`$${extension.tag}`]: this.encode(data) };
    }
    return undefined;
  }

  #builtIn(value: object): unknown {
    const exact = TAG_BY_PROTOTYPE.get(Object.getPrototypeOf(value));
    if (exact?.is(value)) return { [exact.tag]: exact.encode(value, this) };
    const nearest = BUILT_IN_TAGS.find((tag) => tag.is(value));
    if (nearest === undefined) return undefined;
    if (!nearest.isExact?.(value)) this.lose(`${describe(value)}, stored as ${nearest.tag}`);
    return { [nearest.tag]: nearest.encode(value, this) };
  }

  /** Stores what can be said of an object whose class nothing here can rebuild. */
  #instance(value: object): unknown {
    if (types.isBoxedPrimitive(value)) {
      this.lose(`${describe(value)}, stored as the primitive`);
      return this.encode(value.valueOf());
    }
    if (isOpaque(value)) {
      this.lose(`${describe(value)}, stored as undefined`);
      return encodeUndefined();
    }
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") {
      const json: unknown = toJSON.call(value, String(this.#path.at(-1) ?? ""));
      if (json !== value) {
        this.lose(`${describe(value)}, stored as its toJSON() gave`);
        return this.encode(json);
      }
    }
    this.lose(`${describe(value)}, stored as its own properties`);
    return this.record(value);
  }

  #loseSymbols(value: object): void {
    for (const symbol of Object.getOwnPropertySymbols(value)) {
      this.lose(`property under ${String(symbol)}, left out`);
    }
  }

  #enter(value: unknown): void {
    const ancestor = this.#ancestors.indexOf(value);
    if (ancestor !== -1) {
      const target = this.#path.slice(0, this.#ancestorPathLengths[ancestor]);
      this.#refuse(cyclic(this.#path, target));
    }
    if (this.#ancestors.length === MAX_DEPTH) this.#refuse(tooDeep(this.#path, MAX_DEPTH));
    this.#ancestors.push(value);
    this.#ancestorPathLengths.push(this.#path.length);
  }

  #leave(): void {
    this.#ancestors.pop();
    this.#ancestorPathLengths.pop();
  }

  #refuse(error: HoldfastError): never {
    this.#refusal = error;
    throw error;
  }
}

/** Keeps an object of the user's from being read as a tag. */
function escapeTag(record: Properties): Properties {
  const keys = Object.keys(record);
  return keys.length === 1 && keys[0]?.startsWith("$") ? encodeLiteral(record) : record;
}

function copyUntil(source: object, end: string): Properties {
  const copy: Properties = {};
  for (const name of Object.keys(source)) {
    if (name === end) break;
    setProperty(copy, name, (source as Properties)[name]);
  }
  return copy;
}

/** Whether JSON.stringify will find in it what was found now, and so may be given the original. */
function readsTheSame(source: object): boolean {
  return !types.isProxy(source) && typeof (source as { toJSON?: unknown }).toJSON !== "function";
}
