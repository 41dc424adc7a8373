import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCodec } from "../../src/codec/index.ts";
import { anyValue } from "./arbitrary-value.ts";
import { refusal } from "./refusal.ts";

const codec = createCodec();

function throwing(cause: unknown): () => never {
  return () => {
    throw cause;
  };
}

describe("a value is refused", () => {
  it("when it contains itself, naming both ends of the cycle", () => {
    const state: { list: { next?: unknown }[] } = { list: [{}] };
    state.list[0] = { next: state.list };
    const error = refusal("VALUE_NOT_ENCODABLE", () => codec.encode({ state }));
    expect(error.details).toEqual({ path: "$.state.list[0].next", target: "$.state.list" });
    expect(error.message).toContain("$.state.list[0].next points back to $.state.list");
  });

  it.each<[string, () => unknown, string]>([
    [
      "a Map",
      () => {
        const m = new Map();
        return m.set("a", m);
      },
      "$[0].value",
    ],
    [
      "a Set",
      () => {
        const s = new Set();
        return s.add([s]);
      },
      "$[0][0]",
    ],
    [
      "an error",
      () => {
        const e = new Error("e");
        e.cause = e;
        return e;
      },
      "$.cause",
    ],
    [
      "an array with holes",
      () => {
        const a: unknown[] = [];
        a[3] = a;
        return a;
      },
      "$[3]",
    ],
    [
      "a toJSON",
      () => ({
        toJSON() {
          return [this];
        },
      }),
      "$[0]",
    ],
  ])("when %s leads back to it", (_, make, path) => {
    expect(refusal("VALUE_NOT_ENCODABLE", () => codec.encode(make())).details.path).toBe(path);
  });

  it("when it is nested without end, with an error that says so", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = level % 2 === 0 ? [deep] : { deep };
    const error = refusal("VALUE_NOT_ENCODABLE", () => codec.encode(deep));
    expect(error.message).toContain("nested more than 500 levels deep");
    expect(error.message.length).toBeLessThan(1000);
  });

  it("when the call stack runs out, with an error that says so", () => {
    const endless = {
      get a(): unknown {
        return this.a;
      },
    };
    const error = refusal("VALUE_NOT_ENCODABLE", () => codec.encode([endless]));
    expect(error.message).toContain("call stack ran out while the value at $[0].a");
    let deep: unknown = 1;
    for (let level = 0; level < 900; level++) deep = [deep];
    const fromDeepWithin = (): unknown => {
      try {
        return fromDeepWithin();
      } catch (error) {
        if (error instanceof RangeError) return codec.encode(deep);
        throw error;
      }
    };
    refusal("VALUE_NOT_ENCODABLE", fromDeepWithin);
  });

  it.each<[string, (cause: Error) => unknown, string]>([
    [
      "a getter",
      (e) => ({ a: [Object.defineProperty({}, "b", { get: throwing(e), enumerable: true })] }),
      "$.a[0].b",
    ],
    ["a toJSON", (e) => [{ toJSON: throwing(e) }], "$[0]"],
    [
      "a Proxy without readable keys",
      (e) => ({ p: new Proxy({}, { ownKeys: throwing(e) }) }),
      "$.p",
    ],
    [
      "a Proxy without a readable prototype",
      (e) => [new Proxy([], { getPrototypeOf: throwing(e) })],
      "$[0]",
    ],
    ["a Proxy without readable items", (e) => [new Proxy([1], { get: throwing(e) })], "$[0]"],
  ])("when %s throws, naming the place and the cause", (_, make, path) => {
    const cause = new Error("not now");
    const error = refusal("VALUE_NOT_ENCODABLE", () => codec.encode(make(cause)));
    expect(error.cause).toBe(cause);
    expect(error.details.path).toBe(path);
    expect(error.message).toContain("not now");
  });

  it("when a revoked Proxy stands in it", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const error = refusal("VALUE_NOT_ENCODABLE", () => codec.encode({ draft: proxy }));
    expect(error.details.path).toBe("$.draft");
  });
});

describe("the limit of size", () => {
  it("counts bytes of UTF-8, and accepts a text of exactly that many", () => {
    expect(createCodec({ maxBytes: 8 }).encode("€€").text).toBe('"€€"');
    const error = refusal("VALUE_TOO_LARGE", () => createCodec({ maxBytes: 7 }).encode("€€"));
    expect(error.details).toEqual({ limit: 7, bytes: 8 });
  });

  it("counts the characters that escapes take", () => {
    expect(createCodec({ maxBytes: 14 }).encode("\0\ud800").text).toHaveLength(14);
    refusal("VALUE_TOO_LARGE", () => createCodec({ maxBytes: 13 }).encode("\0\ud800"));
  });

  it("counts an object that is stored as a primitive as the primitive", () => {
    const asJson = { toJSON: () => 7 };
    for (const value of [Object(5), Object("ab"), Object(true), asJson, [asJson, Object("")]]) {
      const { text } = codec.encode(value);
      expect(createCodec({ maxBytes: text.length }).encode(value).text).toBe(text);
    }
  });

  it("is exact, whatever the value", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const { text } = codec.encode(value);
        const bytes = Buffer.byteLength(text);
        expect(createCodec({ maxBytes: bytes }).encode(value).text).toBe(text);
        fc.pre(bytes > 1);
        refusal("VALUE_TOO_LARGE", () => createCodec({ maxBytes: bytes - 1 }).encode(value));
      }),
      { numRuns: 300 },
    );
  });

  it("names the place at which it was passed", () => {
    const value = { a: "small", b: ["x".repeat(50), "y".repeat(100)], c: 1 };
    const error = refusal("VALUE_TOO_LARGE", () => createCodec({ maxBytes: 100 }).encode(value));
    expect(error.details).toEqual({ limit: 100, path: "$.b[1]" });
  });

  it("stops a value whose shared references multiply, long before it is written", () => {
    let value: unknown = "a leaf of some length";
    for (let level = 0; level < 100; level++) value = [value, value];
    refusal("VALUE_TOO_LARGE", () => createCodec({ maxBytes: 1_000_000 }).encode(value));
  });

  it("stops bytes before their text is made", () => {
    refusal("VALUE_TOO_LARGE", () => codec.encode(new Uint8Array(400_000_000)));
  });

  it("holds for canonical text too", () => {
    refusal("VALUE_TOO_LARGE", () => createCodec({ maxBytes: 5 }).canonical("too long"));
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity, 2 ** 40])("cannot be %s", (maxBytes) => {
    refusal("OPTION_INVALID", () => createCodec({ maxBytes }));
  });
});
