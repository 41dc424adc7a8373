/**
 * What changed in a context between two moments, as places and their new values. Plain objects, arrays,
 * maps, sets and the context itself, whatever its class, are looked into; dates and the like count as one
 * value each. Other objects, such as database handles, are not looked into: of them it is only seen
 * that one was replaced. Invariant: changes that are applied in the order in which bodies ended, even
 * twice, come to what the bodies did; and they leave alone what others did beside.
 */
import { types } from "node:util";
import type { Codec } from "@holdfast/core";

/** Where, from the context down; and what is there now: without `to`, nothing. */
export interface Change {
  readonly at: readonly Place[];
  readonly to?: unknown;
}

/** A property of an object, or a key of a map or member of a set. */
type Place = string | { readonly key: unknown };

/** What was there: the places of what is looked into, the value of everything else. */
export interface Picture {
  readonly value: unknown;
  /** By what two places have in common if they are the same. */
  readonly inside?: ReadonlyMap<unknown, Picture>;
  /** Of a value that can change in itself. */
  readonly text?: string;
}

export function pictureOf(context: unknown, codec: Codec): Picture {
  const above = new Set<unknown>();
  return picture(context);

  function picture(value: unknown): Picture {
    if (typeof value !== "object" || value === null) return { value };
    if (isOneValue(value)) return { value, text: codec.encode(value).text };
    if (above.has(value) || !(isCollection(value) || isPlain(value) || value === context)) {
      return { value };
    }
    above.add(value);
    const inside = new Map(entriesOf(value).map(([place, held]) => [place, picture(held)]));
    above.delete(value);
    return { value, inside };
  }
}

export function changesBetween(before: Picture, after: Picture): readonly Change[] {
  const changes: Change[] = [];
  compare(before, after, []);
  return changes;

  function compare(then: Picture, now: Picture, at: readonly Place[]): void {
    if (isSame(then, now)) return;
    if (!isSameObject(then, now)) {
      changes.push({ at, to: now.value });
      return;
    }
    const place = (name: unknown) => [...at, isCollection(now.value) ? { key: name } : `${name}`];
    for (const name of then.inside!.keys()) {
      if (!now.inside!.has(name)) changes.push({ at: place(name) });
    }
    if (Array.isArray(now.value)) changes.push({ at: place("length"), to: now.value.length });
    for (const [name, value] of now.inside!) {
      const found = then.inside!.get(name);
      if (found === undefined) changes.push({ at: place(name), to: value.value });
      else compare(found, value, place(name));
    }
  }
}

/** Returns the context: another one if that is what changed. */
export function withChanges(context: unknown, changes: readonly Change[]): unknown {
  let changed = context;
  for (const { at, ...change } of changes) {
    const name = at.at(-1);
    if (name === undefined) {
      changed = change.to;
      continue;
    }
    const place = at.slice(0, -1).reduce(inside, changed);
    if (typeof place !== "object" || place === null) continue;
    if ("to" in change) put(place, name, change.to);
    else remove(place, name);
  }
  return changed;
}

function entriesOf(value: object): readonly (readonly [unknown, unknown])[] {
  return isCollection(value) ? [...value.entries()] : Object.entries(value);
}

function inside(value: unknown, name: Place): unknown {
  if (typeof name !== "string") return types.isMap(value) ? value.get(name.key) : undefined;
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function put(value: object, name: Place, to: unknown): void {
  if (typeof name === "string") Reflect.set(value, name, to);
  else if (types.isMap(value)) value.set(name.key, to);
  else if (types.isSet(value)) value.add(name.key);
}

function remove(value: object, name: Place): void {
  if (typeof name === "string") Reflect.deleteProperty(value, name);
  else if (isCollection(value)) value.delete(name.key);
}

function isSame(then: Picture, now: Picture): boolean {
  if (then.inside !== undefined || now.inside !== undefined) {
    return isSameObject(then, now) && isSameInside(then, now);
  }
  if (then.text !== undefined || now.text !== undefined) return then.text === now.text;
  return Object.is(then.value, now.value);
}

function isSameInside(then: Picture, now: Picture): boolean {
  if (then.inside!.size !== now.inside!.size) return false;
  for (const [name, value] of now.inside!) {
    const found = then.inside!.get(name);
    if (found === undefined || !isSame(found, value)) return false;
  }
  return true;
}

/** One plain object is as good as another; a context of a class is not. */
function isSameObject(then: Picture, now: Picture): boolean {
  if (then.inside === undefined || now.inside === undefined) return false;
  if (then.value === now.value) return true;
  const isA = (is: (value: unknown) => boolean) => is(then.value) === is(now.value);
  if (![Array.isArray, types.isMap, types.isSet].every(isA)) return false;
  return [then, now].every(({ value }) => isCollection(value) || isPlain(value));
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Of what can be told apart by itself: keys that are objects are others after a restart. */
function isCollection(value: unknown): value is Map<unknown, unknown> | Set<unknown> {
  return (types.isMap(value) || types.isSet(value)) && [...value.keys()].every(isPrimitive);
}

function isPrimitive(value: unknown): boolean {
  return (typeof value !== "object" || value === null) && typeof value !== "function";
}

function isOneValue(value: object): boolean {
  return (
    ((types.isMap(value) || types.isSet(value)) && !isCollection(value)) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isAnyArrayBuffer(value) ||
    ArrayBuffer.isView(value) ||
    value instanceof URL
  );
}
