import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCodec } from "../../src/codec/index.ts";
import { inputDifferences, inputTree } from "../../src/journal/input-difference.ts";
import { storableValue } from "../codec/arbitrary-value.ts";

const codec = createCodec();

/** What is said of a value that was recorded and another that is asked for. */
function differences(recorded: unknown, asked: unknown): readonly string[] {
  const [was, is] = [recorded, asked].map((value) => inputTree([codec.encode(value).text]));
  return inputDifferences(was, is).map(({ text }) => text);
}

describe("the differences of two inputs", () => {
  it("are named by their paths", () => {
    const recorded = { list: [1, { a: "x" }], "two words": 1 };
    const asked = { list: [1, { a: "y" }], "two words": 2 };
    expect(differences(recorded, asked)).toEqual([
      '$.list[1].a was "x" and is "y"',
      '$["two words"] was 1 and is 2',
    ]);
  });

  it("tell what is gone and what is new", () => {
    expect(differences({ a: 1, c: [1, 2] }, { b: null, c: [1] })).toEqual([
      "$.a was 1 and is not there",
      "$.c[1] was 2 and is not there",
      "$.b is null and was not there",
    ]);
  });

  it("show a value of a kind that JSON lacks as one", () => {
    expect(differences({ a: 1n }, { a: undefined })).toEqual([
      '$.a was {"$bigint":"1"} and is {"$undefined":true}',
    ]);
  });

  it("may be of the whole", () => {
    expect(differences("a", ["a"])).toEqual(['$ was "a" and is ["a"]']);
  });

  it("are counted over several inputs", () => {
    const [recorded, asked] = [
      ['"a"', '"b"'],
      ['"a"', '"c"', '"d"'],
    ].map(inputTree);
    expect(inputDifferences(recorded, asked).map(({ path }) => path)).toEqual(["$[1]", "$[2]"]);
  });

  it("of a text that is no JSON are those of a string", () => {
    expect(inputDifferences(inputTree(["{a"]), inputTree(['"b"'])).map(({ text }) => text)).toEqual(
      ['$ was "{a" and is "b"'],
    );
  });

  it("never cut a character in two", () => {
    const emoji = "🙂".repeat(300);
    const [text = ""] = differences(`${emoji}a${emoji}`, `x${emoji}a`);
    expect(text.isWellFormed()).toBe(true);
    expect(differences(`x${emoji}a`, `x${emoji}b`)[0]!.isWellFormed()).toBe(true);
  });

  it("are none if and only if the values are the same to the journal", () => {
    const pairs = fc.oneof(
      fc.tuple(storableValue, storableValue),
      storableValue.map((value) => [value, codec.decode(codec.encode(value).text)] as const),
    );
    fc.assert(
      fc.property(pairs, ([one, other]) => {
        const same = codec.canonical(one) === codec.canonical(other);
        expect(differences(one, other).length === 0).toBe(same);
      }),
    );
  });
});
