/**
 * A value of a state as parts that many states share: the elements of an array, the properties of an
 * object. Parts are texts; the shape, which is small, says how they make up the value.
 *
 * Invariants: an array that grows at its end keeps the parts it has but for the last; what is small
 * costs no part at all; a value is read back as the codec alone would.
 */
import type { Codec } from "@holdfast/core";

export interface ValueParts {
  /** JSON. */
  readonly shape: string;
  readonly parts: readonly string[];
}

/** Shorter texts stand in the shape. */
const WORTH_A_PART = 256;
/** Shorter elements of an array share parts, so many to a part. */
const WORTH_A_PART_ALONE = 64;
const TOGETHER = 16;

/** @param encode to text, as the codec does */
export function toParts(encode: (value: unknown) => string, value: unknown): ValueParts {
  if (isSnapshot(value)) {
    const { shape, parts } = toParts(encode, value.value);
    return { shape: `{"snapshot":${shape}}`, parts };
  }
  if (isPlainList(value)) return listParts(value.map(encode));
  if (isPlainObject(value)) {
    const members = Object.entries(value).map(
      ([key, member]) => [key, memberParts(encode, member)] as const,
    );
    if (members.some(([, { parts }]) => parts.length > 0)) {
      const shapes = members.map(([key, { shape }]) => `[${JSON.stringify(key)},${shape}]`);
      const parts = members.flatMap(([, member]) => member.parts);
      return { shape: `{"members":[${shapes.join()}]}`, parts };
    }
  }
  return leafParts(encode(value));
}

function memberParts(encode: (value: unknown) => string, value: unknown): ValueParts {
  return isPlainList(value) ? listParts(value.map(encode)) : leafParts(encode(value));
}

function leafParts(text: string): ValueParts {
  if (text.length >= WORTH_A_PART) return { shape: "1", parts: [text] };
  return { shape: `{"is":${text}}`, parts: [] };
}

function listParts(elements: readonly string[]): ValueParts {
  const length = elements.reduce((sum, text) => sum + text.length + 1, 1);
  if (length < WORTH_A_PART) return { shape: `{"is":[${elements.join()}]}`, parts: [] };
  const groups: string[][] = [];
  for (const element of elements) {
    const last = groups.at(-1);
    const joins = element.length < WORTH_A_PART_ALONE && last !== undefined && hasRoom(last);
    if (joins) last.push(element);
    else groups.push([element]);
  }
  return {
    shape: JSON.stringify(runsOf(groups.map((group) => group.length))),
    parts: groups.map((group) => (group.length === 1 ? group[0]! : `[${group.join()}]`)),
  };
}

function hasRoom(group: readonly string[]): boolean {
  return group.length < TOGETHER && group[0]!.length < WORTH_A_PART_ALONE;
}

/** As `[size, how many of this size follow each other]`. */
type Runs = readonly (readonly [size: number, count: number])[];

function runsOf(sizes: readonly number[]): Runs {
  const runs: [number, number][] = [];
  for (const size of sizes) {
    const last = runs.at(-1);
    if (last?.[0] === size) last[1] += 1;
    else runs.push([size, 1]);
  }
  return runs;
}

type Shape =
  | 1
  | Runs
  | { readonly is: unknown }
  | { readonly snapshot: Shape }
  | { readonly members: readonly (readonly [key: string, shape: Shape])[] };

/** How many parts a value of this shape has. */
export function countParts(shape: string): number {
  return count(JSON.parse(shape) as Shape);
}

function count(shape: Shape): number {
  if (shape === 1) return 1;
  if (isRuns(shape)) return shape.reduce((sum, [, each]) => sum + each, 0);
  if ("is" in shape) return 0;
  if ("snapshot" in shape) return count(shape.snapshot);
  return shape.members.reduce((sum, [, member]) => sum + count(member), 0);
}

export function fromParts(codec: Codec, { shape, parts }: ValueParts): unknown {
  const left = parts.values();
  const next = (): unknown => codec.decode(left.next().value as string);
  return build(codec, JSON.parse(shape) as Shape, next);
}

function build(codec: Codec, shape: Shape, next: () => unknown): unknown {
  if (shape === 1) return next();
  if (isRuns(shape)) return elements(shape, next);
  if ("is" in shape) return codec.decode(JSON.stringify(shape.is));
  if ("snapshot" in shape) {
    return { lg_name: SNAPSHOT, value: build(codec, shape.snapshot, next) };
  }
  return Object.fromEntries(
    shape.members.map(([key, member]) => [key, build(codec, member, next)]),
  );
}

function elements(runs: Runs, next: () => unknown): unknown[] {
  const list: unknown[] = [];
  for (const [size, each] of runs) {
    for (let index = 0; index < each; index += 1) {
      if (size === 1) list.push(next());
      else list.push(...(next() as readonly unknown[]));
    }
  }
  return list;
}

function isRuns(shape: Shape): shape is Runs {
  return Array.isArray(shape);
}

const SNAPSHOT = "DeltaSnapshot";

/** The whole value of a `DeltaChannel`, which LangGraph tells by a mark and not by its class. */
function isSnapshot(value: unknown): value is { readonly value: unknown } {
  if (typeof value !== "object" || value === null) return false;
  return "lg_name" in value && value.lg_name === SNAPSHOT && "value" in value;
}

/** Nothing but its elements, and no hole among them. */
function isPlainList(value: unknown): value is readonly unknown[] {
  if (!Array.isArray(value) || Object.getPrototypeOf(value) !== Array.prototype) return false;
  return Object.keys(value).length === value.length && hasNoSymbols(value);
}

/** Nothing but properties that can be read and set again one by one. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  if (Object.getPrototypeOf(value) !== Object.prototype || "toJSON" in value) return false;
  return (
    hasNoSymbols(value) &&
    Object.values(Object.getOwnPropertyDescriptors(value)).every(
      ({ enumerable, get, set }) => enumerable && get === undefined && set === undefined,
    )
  );
}

function hasNoSymbols(value: object): boolean {
  return Object.getOwnPropertySymbols(value).length === 0;
}
