import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCodec } from "../../src/codec/index.ts";
import { HoldfastError } from "../../src/errors/index.ts";
import { refusal } from "./refusal.ts";

const codec = createCodec();

describe("stored text is refused", () => {
  it("when its tag is unknown, naming the tag and what could read it", () => {
    const error = refusal("VALUE_NOT_DECODABLE", () => codec.decode('{"a":[{"$acme/money":5}]}'));
    expect(error.details).toEqual({ path: '$.a[0]["$acme/money"]', tag: "$acme/money" });
    expect(error.hint).toContain("codec extension");
    expect(error.hint).toContain("upgrade");
  });

  it("when it is sealed, saying that a cipher is missing", () => {
    const error = refusal("VALUE_NOT_DECODABLE", () => codec.decode('{"$sealed":"v1.a.b"}'));
    expect(error.hint).toContain("payload cipher");
  });

  it.each(["", "{", "undefined", '{"a":1}x', "NaN"])("when it is not JSON: %s", (text) => {
    const error = refusal("VALUE_NOT_DECODABLE", () => codec.decode(text));
    expect(error.cause).toBeInstanceOf(SyntaxError);
  });

  it.each([
    '{"$date":"yesterday"}',
    '{"$date":5}',
    '{"$bigint":12}',
    '{"$bigint":"1.5"}',
    '{"$number":"1"}',
    '{"$undefined":false}',
    '{"$map":[[1]]}',
    '{"$map":{}}',
    '{"$set":"abc"}',
    '{"$sparse":{"length":1,"items":[[1,2]]}}',
    '{"$sparse":{"length":-1,"items":[]}}',
    '{"$sparse":{"length":1,"items":[[-1,2]]}}',
    '{"$bytes":{"type":"Uint8Array","base64":"A!=="}}',
    '{"$bytes":{"type":"Uint8Array","base64":"AQ"}}',
    '{"$bytes":{"type":"Uint16Array","base64":"AQ=="}}',
    '{"$bytes":{"type":"Object","base64":"AQ=="}}',
    '{"$url":"nowhere"}',
    '{"$regexp":{"source":"(","flags":""}}',
    '{"$regexp":{"source":"a","flags":"xx"}}',
    '{"$error":{"name":"Foo"}}',
    '{"$error":{"name":"Foo","class":"Function"}}',
    '{"$error":{"name":"Error","data":1}}',
    '{"$literal":1}',
    '{"$dict":[]}',
  ])("when a tag holds something else than its form: %s", (text) => {
    const error = refusal("VALUE_NOT_DECODABLE", () => codec.decode(`[${text}]`));
    expect(error.details.path).toBe(`$[0].${error.details.tag}`);
  });

  it("when it is nested more deeply than the stack allows", () => {
    const text = `${'{"$set":['.repeat(100_000)}${"]}".repeat(100_000)}`;
    refusal("VALUE_NOT_DECODABLE", () => codec.decode(text));
  });

  it("with no other error than VALUE_NOT_DECODABLE, whatever a tag holds", () => {
    const tag = fc.constantFrom(
      ..."undefined number bigint date map set sparse bytes error url regexp literal dict".split(
        " ",
      ),
    );
    const data = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          type: fc.constantFrom("Uint8Array", "Buffer", "__proto__", "DataView"),
          base64: fc.base64String(),
          length: fc.integer(),
          items: fc.array(fc.tuple(fc.integer(), fc.jsonValue())),
          name: fc.constantFrom("Error", "AggregateError", "DOMException", "constructor"),
          class: fc.constantFrom("Error", "AggregateError", "DOMException", "constructor"),
          message: fc.jsonValue(),
          stack: fc.jsonValue(),
          data: fc.jsonValue(),
          source: fc.string(),
          flags: fc.string({ maxLength: 2 }),
          lastIndex: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(tag, data, (name, held) => {
        try {
          codec.decode(JSON.stringify({ [`$${name}`]: held }));
        } catch (error) {
          expect(HoldfastError.is(error, "VALUE_NOT_DECODABLE")).toBe(true);
        }
      }),
      { numRuns: 600 },
    );
  });
});

describe("stored text is read", () => {
  it("the same when another program has escaped the dollar signs", () => {
    expect(codec.decode('{"a":{"\\u0024date":"1970-01-01T00:00:00.000Z"}}')).toEqual({
      a: new Date(0),
    });
  });

  it("when it is plain JSON that nobody encoded", () => {
    expect(codec.decode('{ "price": "$5", "list": [null, {"$a": 1, "b": 2}] }')).toEqual({
      price: "$5",
      list: [null, { $a: 1, b: 2 }],
    });
  });
});
