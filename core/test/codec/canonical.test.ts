import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCodec } from "../../src/codec/index.ts";
import { anyValue } from "./arbitrary-value.ts";
import { sparse } from "./sparse.ts";

const codec = createCodec();

/** The same plain data with the keys of every object set in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe("canonical text", () => {
  it("does not depend on the order in which keys were set", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(codec.canonical(reversed(value))).toBe(codec.canonical(value));
      }),
    );
    expect(codec.canonical(new Map([[{ a: 1, b: undefined }, { $x: { d: 1, c: 2 } }]]))).toBe(
      codec.canonical(new Map([[{ b: undefined, a: 1 }, { $x: { c: 2, d: 1 } }]])),
    );
  });

  it("is the same of a value, of its text and of what comes back from a round trip", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const { text } = codec.encode(value);
        const canonical = codec.canonical(value);
        expect(codec.canonicalText(text)).toBe(canonical);
        expect(codec.canonical(codec.decode(text))).toBe(canonical);
        expect(codec.canonicalText(canonical)).toBe(canonical);
      }),
      { numRuns: 300 },
    );
  });

  it("does not depend on where an error was made", () => {
    const make = (): Error => new Error("outer", { cause: new TypeError("inner") });
    const elsewhere = (() => make())();
    expect(codec.canonical([make()])).toBe(codec.canonical([elsewhere]));
    expect(codec.canonical({ $error: { stack: 1 } })).toContain("stack");
  });

  it.each<[string, unknown, unknown]>([
    ["0 and -0", 0, -0],
    ["an absent key and an undefined one", {}, { a: undefined }],
    ["null and undefined", [null], [undefined]],
    ["a hole and undefined", sparse(1, {}), [undefined]],
    ["a number and its bigint", 1, 1n],
    ["a date and its text", new Date(0), new Date(0).toISOString()],
    ["an array in another order", [1, 2], [2, 1]],
    [
      "a Map in another order",
      new Map([
        [1, 1],
        [2, 2],
      ]),
      new Map([
        [2, 2],
        [1, 1],
      ]),
    ],
    ["a Set in another order", new Set([1, 2]), new Set([2, 1])],
    ["an object without a prototype", {}, Object.create(null)],
    ["Buffer and Uint8Array", Buffer.from("a"), new Uint8Array([97])],
    ["a tag and a user's own object like it", new Set([1]), { $set: [1] }],
    ["errors with another message", new Error("a"), new Error("b")],
    ["different lone surrogates", "\ud800", "\ud801"],
  ])("tells apart %s", (_, one, other) => {
    expect(codec.canonical(one)).not.toBe(codec.canonical(other));
  });
});
