/**
 * What changed in a context between two moments, as places and their new values. Plain objects, arrays
 * and the context itself, whatever its class, are looked into. Dates, maps and the like count as one
 * value each. Other objects, such as database handles, are not looked into: of them it is only seen
 * that one was replaced. Invariant: changes that are applied in the order in which bodies ended, even
 * twice, come to what the bodies did.
 */
import { types } from "node:util";
import type { Codec } from "@holdfast/core";

/** Where, from the context down; and what is there now: without `to`, nothing. */
export interface Change {
  readonly at: readonly string[];
  readonly to?: unknown;
}

/** What was there: the names of what is looked into, the value of everything else. */
export interface Picture {
  readonly value: unknown;
  readonly inside?: ReadonlyMap<string, Picture>;
  /** Of a value that can change in itself. */
  readonly text?: string;
}

export function pictureOf(context: unknown, codec: Codec): Picture {
  const above = new Set<unknown>();
  return picture(context);

  function picture(value: unknown): Picture {
    if (typeof value !== "object" || value === null) return { value };
    if (isOneValue(value)) return { value, text: codec.encode(value).text };
    if (above.has(value) || !(isPlain(value) || value === context)) return { value };
    above.add(value);
    const names = Object.keys(value);
    const inside = new Map(names.map((name) => [name, picture(Reflect.get(value, name))]));
    above.delete(value);
    return { value, inside };
  }
}

export function changesBetween(before: Picture, after: Picture): readonly Change[] {
  const changes: Change[] = [];
  compare(before, after, []);
  return changes;

  function compare(then: Picture, now: Picture, at: readonly string[]): void {
    if (isSame(then, now)) return;
    if (!isSameObject(then, now)) {
      changes.push({ at, to: now.value });
      return;
    }
    for (const name of then.inside!.keys()) {
      if (!now.inside!.has(name)) changes.push({ at: [...at, name] });
    }
    if (Array.isArray(now.value)) changes.push({ at: [...at, "length"], to: now.value.length });
    for (const [name, value] of now.inside!) {
      const found = then.inside!.get(name);
      if (found === undefined) changes.push({ at: [...at, name], to: value.value });
      else compare(found, value, [...at, name]);
    }
  }
}

/** Returns the context: another one if that is what changed. */
export function withChanges(context: unknown, changes: readonly Change[]): unknown {
  let changed = context;
  for (const change of changes) {
    const name = change.at.at(-1);
    if (name === undefined) {
      changed = change.to;
      continue;
    }
    const place = change.at.slice(0, -1).reduce(inside, changed);
    if (typeof place !== "object" || place === null) continue;
    if ("to" in change) Reflect.set(place, name, change.to);
    else Reflect.deleteProperty(place, name);
  }
  return changed;
}

function inside(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
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
  if (Array.isArray(then.value) !== Array.isArray(now.value)) return false;
  return isPlain(then.value) && isPlain(now.value);
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isOneValue(value: object): boolean {
  return (
    types.isDate(value) ||
    types.isMap(value) ||
    types.isSet(value) ||
    types.isRegExp(value) ||
    types.isAnyArrayBuffer(value) ||
    ArrayBuffer.isView(value) ||
    value instanceof URL
  );
}
