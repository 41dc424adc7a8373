import { types } from "node:util";
import type { BuiltInTag } from "./built-in.ts";
import { expectData } from "./data.ts";

/** `{"$map":[["key","value"]]}`, in insertion order. */
export const mapTag: BuiltInTag<Map<unknown, unknown>> = {
  tag: "$map",
  prototypes: [Map.prototype],
  is: types.isMap,
  encode(value, walk) {
    walk.loseOwnProperties(value);
    const entries: unknown[] = [];
    for (const [key, item] of Map.prototype.entries.call(value)) {
      const index = entries.length;
      entries.push([walk.child(key, index, "key"), walk.child(item, index, "value")]);
    }
    return entries;
  },
  decode(data) {
    expectData(Array.isArray(data), "a list of pairs");
    for (const entry of data) {
      expectData(Array.isArray(entry) && entry.length === 2, "a list of pairs");
    }
    return new Map(data as [unknown, unknown][]);
  },
};

/** `{"$set":["a","b"]}`, in insertion order. */
export const setTag: BuiltInTag<Set<unknown>> = {
  tag: "$set",
  prototypes: [Set.prototype],
  is: types.isSet,
  encode(value, walk) {
    walk.loseOwnProperties(value);
    const items: unknown[] = [];
    for (const item of Set.prototype.values.call(value)) {
      items.push(walk.child(item, items.length));
    }
    return items;
  },
  decode(data) {
    expectData(Array.isArray(data), "a list");
    return new Set(data);
  },
};
