import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countParts, createCodec, joinText } from "../../src/codec/index.ts";
import { storableValue } from "./arbitrary-value.ts";

const codec = createCodec();

/** Values in which there is something to take apart. */
const largeValue = fc.oneof(
  storableValue,
  fc.array(storableValue, { maxLength: 40 }),
  fc.dictionary(fc.string(), fc.array(storableValue, { maxLength: 40 }), { maxKeys: 4 }),
  fc.array(fc.integer(), { maxLength: 400 }),
  fc.record({ text: fc.string({ minLength: 200, maxLength: 400 }), list: fc.array(fc.string()) }),
);

describe("a text in parts", () => {
  it("is joined to the very text that encode makes", () => {
    fc.assert(
      fc.property(largeValue, (value) => {
        const { losses, ...split } = codec.encodeParts(value);
        expect({ text: joinText(split), losses }).toEqual(codec.encode(value));
        expect(countParts(split.frame)).toBe(split.parts.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it("keeps the parts of a list that grows at its end, but for the last", () => {
    fc.assert(
      fc.property(fc.array(storableValue, { maxLength: 60 }), storableValue, (list, more) => {
        const before = codec.encodeParts({ name: "a chat", list }).parts.slice(0, -1);
        const after = codec.encodeParts({ name: "a chat", list: [...list, more] }).parts;
        expect(after.slice(0, before.length)).toEqual(before);
      }),
    );
  });

  it("begins with the longest list, wherever that is", () => {
    const long = Array.from({ length: 20 }, (_, nth) => `${nth} ${"long".repeat(20)}`);
    const { parts } = codec.encodeParts({ first: "x".repeat(300), in: { the: { chat: long } } });
    expect(parts).toHaveLength(21);
    expect(parts.slice(0, 20)).toEqual(long.map((text) => JSON.stringify(text)));
  });

  it("has no part for what is small, and few for many small elements", () => {
    expect(codec.encodeParts({ a: [1, 2, 3], b: "short" }).parts).toEqual([]);
    const thousand = codec.encodeParts(Array.from({ length: 1_000 }, (_, nth) => nth));
    expect(thousand.parts.length).toBeLessThan(70);
    expect(thousand.frame.length).toBeLessThan(60);
  });

  it("refuses what encode refuses", () => {
    const cyclic: { messages: unknown[] } = { messages: ["a".repeat(300)] };
    cyclic.messages.push(cyclic);
    expect(() => codec.encodeParts(cyclic)).toThrow(/\$\.messages\[1\] points back to \$/);
    const small = createCodec({ maxBytes: 1_000 });
    for (const value of [["a".repeat(600), "b".repeat(600)], Array(400).fill("\u0000")]) {
      expect(() => small.encodeParts(value)).toThrow(/1000 bytes/);
      expect(() => small.encode(value)).toThrow(/1000 bytes/);
    }
  });
});
