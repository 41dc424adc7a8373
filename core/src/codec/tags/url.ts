import type { BuiltInTag } from "./built-in.ts";
import { expectData } from "./data.ts";

/** `{"$url":"https://example.com/"}` */
export const urlTag: BuiltInTag<URL> = {
  tag: "$url",
  prototypes: [URL.prototype],
  is: (value): value is URL => value instanceof URL && URL.canParse(String(value)),
  encode(value, walk) {
    walk.loseOwnProperties(value);
    return value.href;
  },
  decode(data) {
    expectData(typeof data === "string", "a string");
    return new URL(data);
  },
};
