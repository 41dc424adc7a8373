import { types } from "node:util";
import type { BuiltInTag } from "./built-in.ts";
import { expectData, isRecord } from "./data.ts";

/** `{"$regexp":{"source":"a+","flags":"g","lastIndex":3}}`, lastIndex only when it is not 0. */
export const regexpTag: BuiltInTag<RegExp> = {
  tag: "$regexp",
  prototypes: [RegExp.prototype],
  is: types.isRegExp,
  encode(value, walk) {
    walk.loseOwnProperties(value, ["lastIndex"]);
    const { source, flags, lastIndex } = value;
    return lastIndex === 0
      ? { source, flags }
      : { source, flags, lastIndex: walk.child(lastIndex, "lastIndex") };
  },
  decode(data) {
    expectData(isRecord(data), "an object");
    const { source, flags, lastIndex = 0 } = data;
    expectData(typeof source === "string" && typeof flags === "string", "a source and flags");
    const regexp = new RegExp(source, flags);
    // The declared type is number, yet user code can store anything here and we gave it back exactly.
    regexp.lastIndex = lastIndex as number;
    return regexp;
  },
};
