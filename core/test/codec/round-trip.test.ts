import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCodec } from "../../src/codec/index.ts";
import { anyValue, storableValue } from "./arbitrary-value.ts";

const codec = createCodec();

function roundTrip(value: unknown): unknown {
  return codec.decode(codec.encode(value).text);
}

describe("a round trip", () => {
  it("gives back every storable value exactly and reports no loss", () => {
    fc.assert(
      fc.property(storableValue, (value) => {
        const { text, losses } = codec.encode(value);
        expect(losses).toEqual([]);
        expect(isDeepStrictEqual(codec.decode(text), value)).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it("is exact for every value for which no loss is reported", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const { text, losses } = codec.encode(value);
        fc.pre(losses.length === 0);
        expect(isDeepStrictEqual(codec.decode(text), value)).toBe(true);
      }),
      { numRuns: 300, maxSkipsPerRun: 100 },
    );
  });

  it("loses nothing more the second time", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const { text } = codec.encode(value);
        expect(codec.encode(codec.decode(text))).toEqual({ text, losses: [] });
      }),
      { numRuns: 300 },
    );
  });

  it("never changes the value it is given", () => {
    fc.assert(
      fc.property(storableValue, (value) => {
        const before = codec.encode(value).text;
        codec.canonical(value);
        expect(codec.encode(value).text).toBe(before);
      }),
    );
  });

  it("keeps an own property called __proto__ without setting a prototype", () => {
    for (const value of [
      JSON.parse('{"__proto__":{"admin":true},"at":1}'),
      { ...JSON.parse('{"__proto__":null}'), when: new Date(0) },
      Object.defineProperty({}, "__proto__", { value: new Date(0), enumerable: true }),
    ]) {
      const back = roundTrip(value) as object;
      expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
      expect(Object.keys(back)).toEqual(Object.keys(value));
      expect(isDeepStrictEqual(back, value)).toBe(true);
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it("gives back errors as instances of their standard class with all that is said in them", () => {
    const cause = Object.assign(new RangeError("inner"), { status: 429 });
    const error = Object.assign(new TypeError("outer", { cause }), { code: "E_OUTER" });
    const back = roundTrip(error) as TypeError & { code: string; cause: RangeError };
    expect(back).toBeInstanceOf(TypeError);
    expect(back.cause).toBeInstanceOf(RangeError);
    expect(back.stack).toBe(error.stack);
    expect([back.message, back.code]).toEqual(["outer", "E_OUTER"]);
    expect(Object.keys(back)).toEqual(["code"]);
    expect(Object.keys(back.cause)).toEqual(["status"]);
  });

  it("gives back what Node and the platform themselves throw", async () => {
    const thrown = [
      () => JSON.parse("{"),
      () => new URL("nowhere"),
      () => Buffer.alloc(-1),
      () => AbortSignal.abort().throwIfAborted(),
      () => structuredClone(() => 1),
      () => process.kill(process.pid, "SIGNOTHING"),
    ].map((run) => {
      try {
        run();
      } catch (error) {
        return error;
      }
      throw new Error("expected a throw");
    });
    for (const error of thrown) {
      expect(codec.encode(error).losses).toEqual([]);
      expect(isDeepStrictEqual(roundTrip(error), error)).toBe(true);
    }
  });

  it("tells AbortError and TimeoutError of the platform from ordinary errors", () => {
    const back = roundTrip(new DOMException("took too long", "TimeoutError")) as DOMException;
    expect(back).toBeInstanceOf(DOMException);
    expect([back.name, back.message, back.code]).toEqual(["TimeoutError", "took too long", 23]);
  });

  it("stores only the bytes a view shows, not the memory behind it", () => {
    const pool = new Uint8Array(1000).fill(7);
    const { text } = codec.encode(pool.subarray(10, 12));
    expect(text).toBe('{"$bytes":{"type":"Uint8Array","base64":"Bwc="}}');
    expect((codec.decode(text) as Uint8Array).buffer.byteLength).toBe(2);
  });

  it("writes a shared object out at each place", () => {
    const shared = { n: 1 };
    const back = roundTrip({ a: shared, b: shared }) as { a: object; b: object };
    expect(back).toEqual({ a: { n: 1 }, b: { n: 1 } });
    expect(back.a).not.toBe(back.b);
  });

  it("reads a Proxy as the object it stands for", () => {
    const value = new Proxy({ a: [new Proxy([1, 2], {})] }, {});
    expect(codec.encode(value)).toEqual({ text: '{"a":[[1,2]]}', losses: [] });
  });

  it("carries a string of 50 MB", () => {
    const big = "ab\n€".repeat(8_500_000);
    expect(roundTrip([big])).toEqual([big]);
  });

  it("carries the deepest value it accepts, whatever it is nested in, with little stack to spare", async () => {
    const program = fileURLToPath(new URL("fixtures/deepest.ts", import.meta.url));
    const cold = ["--no-opt", "--no-sparkplug", "--no-maglev", "--stack-size=800"];
    const { stdout } = await promisify(execFile)(process.execPath, [...cold, program]);
    expect(stdout).toBe("carried\n");
  });
});
