import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCodec } from "../../src/codec/index.ts";
import { anyValue } from "./arbitrary-value.ts";
import { sparse } from "./sparse.ts";

const codec = createCodec();

function textOf(value: unknown): string {
  return codec.encode(value).text;
}

describe("the encoded text", () => {
  it("is what JSON.stringify writes when the value is plain JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        // JSON itself turns -0 into 0, and objects with one "$" key are escaped.
        const plain = JSON.parse(JSON.stringify(value).replaceAll('"$', '"_'));
        expect(textOf(plain)).toBe(JSON.stringify(plain));
      }),
    );
  });

  it("is one line of well-formed JSON without NUL and lone surrogates, whatever is in the value", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const text = textOf(value);
        expect(() => JSON.parse(text)).not.toThrow();
        expect(text.includes("\0")).toBe(false);
        expect(Buffer.from(text).toString()).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  // These forms are in people's databases: a line here may be added, never changed.
  it.each<[string, unknown]>([
    ['{"$undefined":true}', undefined],
    ['{"a":{"$undefined":true}}', { a: undefined }],
    ['{"$bigint":"-12"}', -12n],
    ['{"$number":"NaN"}', Number.NaN],
    ['{"$number":"Infinity"}', Infinity],
    ['{"$number":"-Infinity"}', -Infinity],
    ['{"$number":"-0"}', -0],
    ['{"$date":"2026-01-31T12:00:00.000Z"}', new Date(Date.UTC(2026, 0, 31, 12))],
    ['{"$date":null}', new Date(Number.NaN)],
    [
      '{"$map":[["a",1],[{"b":2},{"$map":[]}]]}',
      new Map<unknown, unknown>([
        ["a", 1],
        [{ b: 2 }, new Map()],
      ]),
    ],
    ['{"$set":["b","a"]}', new Set(["b", "a"])],
    ['{"$sparse":{"length":3,"items":[[1,"x"]]}}', sparse(3, { 1: "x" })],
    ['{"$dict":{"a":1}}', Object.assign(Object.create(null), { a: 1 })],
    ['{"$dict":{"$a":1}}', Object.assign(Object.create(null), { $a: 1 })],
    ['{"$literal":{"$ref":"#/a"}}', { $ref: "#/a" }],
    ['{"$literal":{"$literal":{"$literal":{"$ref":1}}}}', { $literal: { $ref: 1 } }],
    ['{"$a":1,"$b":2}', { $a: 1, $b: 2 }],
    ['{"$bytes":{"type":"Buffer","base64":"aGk="}}', Buffer.from("hi")],
    ['{"$bytes":{"type":"Uint8Array","base64":"AQI="}}', new Uint8Array([1, 2])],
    ['{"$bytes":{"type":"Float32Array","base64":"AACAPw=="}}', new Float32Array([1])],
    ['{"$bytes":{"type":"DataView","base64":"AQ=="}}', new DataView(new Uint8Array([1]).buffer)],
    ['{"$bytes":{"type":"ArrayBuffer","base64":"AQ=="}}', new Uint8Array([1]).buffer],
    ['{"$url":"https://example.com/a?b=c"}', new URL("https://example.com/a?b=c")],
    ['{"$regexp":{"source":"a+","flags":"gi"}}', /a+/gi],
    ['{"$regexp":{"source":"a","flags":"g","lastIndex":3}}', Object.assign(/a/g, { lastIndex: 3 })],
    [
      '{"$error":{"name":"TypeError","message":"no","cause":1,"stack":"at x","data":{"code":"E"}}}',
      Object.assign(withStack(new TypeError("no", { cause: 1 })), { code: "E" }),
    ],
    [
      '{"$error":{"name":"AbortError","class":"DOMException","message":"stop","stack":"at x"}}',
      withStack(new DOMException("stop", "AbortError")),
    ],
    [
      '{"$error":{"name":"AggregateError","message":"all","errors":[1],"stack":"at x"}}',
      withStack(new AggregateError([1], "all")),
    ],
  ])("is %s", (text, value) => {
    expect(codec.encode(value)).toEqual({ text, losses: [] });
    expect(textOf(codec.decode(text))).toBe(text);
  });
});

function withStack<E extends Error>(error: E): E {
  return Object.defineProperty(error, "stack", { value: "at x", enumerable: false });
}
