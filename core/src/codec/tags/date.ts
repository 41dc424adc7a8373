import { types } from "node:util";
import type { BuiltInTag } from "./built-in.ts";
import { expectData } from "./data.ts";

/** `{"$date":"2026-01-31T12:00:00.000Z"}`, and `{"$date":null}` for an invalid date. */
export const dateTag: BuiltInTag<Date> = {
  tag: "$date",
  prototypes: [Date.prototype],
  is: types.isDate,
  encode(value, walk) {
    walk.loseOwnProperties(value);
    return Number.isNaN(value.getTime()) ? null : value.toISOString();
  },
  decode(data) {
    if (data === null) return new Date(Number.NaN);
    expectData(typeof data === "string", "an ISO 8601 string or null");
    const date = new Date(data);
    expectData(!Number.isNaN(date.getTime()), "an ISO 8601 string or null");
    return date;
  },
};
