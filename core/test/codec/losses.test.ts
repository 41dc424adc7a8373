import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { createCodec, type Loss } from "../../src/codec/index.ts";
import { sparse } from "./sparse.ts";

const codec = createCodec();

function store(value: unknown): { back: unknown; losses: readonly Loss[] } {
  const { text, losses } = codec.encode(value);
  return { back: codec.decode(text), losses };
}

class Point {
  readonly x = 1;
  readonly #secret = 2;
  read(): number {
    return this.#secret;
  }
}

class Money {
  toJSON(key: string): unknown {
    return { amount: 5n, under: key };
  }
}

class PaymentError extends RangeError {
  override readonly name = "PaymentError";
  readonly declined = true;
}

describe("a loss", () => {
  it("names the place of a function or symbol, which decodes to undefined there", () => {
    expect(store({ list: [1, () => 2], "the key": Symbol("s") })).toEqual({
      back: { list: [1, undefined], "the key": undefined },
      losses: [
        { path: "$.list[1]", what: "function, stored as undefined" },
        { path: '$["the key"]', what: "symbol, stored as undefined" },
      ],
    });
  });

  it("is reported for an instance of a class nobody registered, stored as its own data", () => {
    expect(store({ at: new Point() })).toEqual({
      back: { at: { x: 1 } },
      losses: [{ path: "$.at", what: "instance of Point, stored as its own properties" }],
    });
  });

  it("is reported for an instance with toJSON, stored as what that gave", () => {
    expect(store({ price: new Money() })).toEqual({
      back: { price: { amount: 5n, under: "price" } },
      losses: [{ path: "$.price", what: "instance of Money, stored as its toJSON() gave" }],
    });
  });

  it("is reported for a plain object with toJSON, and for one that returns itself", () => {
    const plain = { a: 1, toJSON: () => "short" };
    const itself = { a: 1, toJSON: () => itself };
    expect(store(plain).back).toBe("short");
    expect(store(plain).losses).toHaveLength(1);
    expect(store(itself).back).toEqual({ a: 1, toJSON: undefined });
  });

  it("does not let a hidden or inherited toJSON decide what is stored beside it", () => {
    const hidden = (target: object): object =>
      Object.defineProperty(target, "toJSON", { value: () => ({ $date: "wrong" }) });
    class Steps extends Array<number> {
      toJSON(): unknown {
        return { $date: "wrong" };
      }
    }
    class HttpError extends Error {
      readonly status = 500;
      toJSON(): unknown {
        return { $date: "wrong" };
      }
    }
    for (const [value, expected] of [
      [hidden([1, 2]), [1, 2]],
      [
        hidden(Object.assign(Object.create(null), { a: 1 })),
        Object.assign(Object.create(null), { a: 1 }),
      ],
      [hidden(new Map([[1, 2]])), new Map([[1, 2]])],
      [Steps.of(1, 2), [1, 2]],
    ]) {
      expect(store(value).back).toEqual(expected);
      expect(store([value]).back).toEqual([expected]);
    }
    expect(store(new HttpError("no")).back).toMatchObject({ message: "no", status: 500 });
    expect(store(hidden({ a: 1 })).back).toEqual({ $date: "wrong" });
  });

  it("is reported for an error of an unknown class, stored as its standard class by its name", () => {
    const { back, losses } = store([new PaymentError("card declined")]);
    const [error] = back as [RangeError & { declined: boolean }];
    expect(Object.getPrototypeOf(error)).toBe(RangeError.prototype);
    expect([error.name, error.message, error.declined]).toEqual([
      "PaymentError",
      "card declined",
      true,
    ]);
    expect(losses).toEqual([{ path: "$[0]", what: "instance of PaymentError, stored as $error" }]);
  });

  it("is reported for a subclass of a built-in class, stored as that class", () => {
    class Registry extends Map<string, number> {}
    class Steps extends Array<number> {}
    const { back, losses } = store([new Registry([["a", 1]]), Steps.of(1, 2)]);
    expect(back).toEqual([new Map([["a", 1]]), [1, 2]]);
    expect(losses.map(({ what }) => what)).toEqual([
      "instance of Registry, stored as $map",
      "instance of Steps, stored as an array",
    ]);
  });

  it("is reported for values of another realm, which are stored as those of this one", () => {
    const { back, losses } = store(runInNewContext("[new Date(0), new TypeError('x')]"));
    const [date, error] = back as [Date, TypeError];
    expect(date).toEqual(new Date(0));
    expect(Object.getPrototypeOf(error)).toBe(TypeError.prototype);
    expect(losses.map(({ path }) => path)).toEqual(["$", "$[0]", "$[1]"]);
  });

  it.each<[string, unknown, unknown, string]>([
    [
      "an accessor",
      Object.defineProperty({}, "a", { get: () => 1, enumerable: true }),
      { a: 1 },
      "$.a",
    ],
    [
      "a property that is not enumerable",
      Object.defineProperty({ a: 1 }, "b", { value: 2 }),
      { a: 1 },
      "$.b",
    ],
    ["a property under a symbol", { a: 1, [Symbol("s")]: 2 }, { a: 1 }, "$"],
    ["a property of an array", Object.assign([1], { more: 2 }), [1], "$.more"],
    [
      "a property of a sparse array",
      Object.assign(sparse(2, { 1: 1 }), { more: 2 }),
      sparse(2, { 1: 1 }),
      "$.more",
    ],
    ["a property of a date", Object.assign(new Date(0), { more: 2 }), new Date(0), "$.more"],
    [
      "a property of bytes",
      Object.assign(new Float64Array([Number.NaN]), { more: 2 }),
      new Float64Array([Number.NaN]),
      "$",
    ],
    ["a property of a Buffer", Object.assign(Buffer.from("a"), { more: 2 }), Buffer.from("a"), "$"],
    [
      "a property of an error that is not enumerable",
      Object.defineProperty(new Error("a"), "b", { value: 1 }),
      new Error("a"),
      "$.b",
    ],
    [
      "an accessor of an error",
      Object.defineProperty(new Error("a"), "b", { get: () => 1, enumerable: true }),
      Object.assign(new Error("a"), { b: 1 }),
      "$.b",
    ],
    ["a promise", Promise.resolve(1), undefined, "$"],
    ["a weak map", new WeakMap(), undefined, "$"],
    ["a boxed primitive", Object(5), 5, "$"],
    ["shared memory", new SharedArrayBuffer(2), new ArrayBuffer(2), "$"],
    ["an object with a prototype of its own", Object.create({ a: 1 }), {}, "$"],
    ["a key of a Map", new Map([[Symbol("k"), 1]]), new Map([[undefined, 1]]), "$[0].key"],
    ["a value of a Map", new Map([[1, Symbol("v")]]), new Map([[1, undefined]]), "$[0].value"],
    [
      "the cause of an error",
      new Error("a", { cause: Symbol("c") }),
      new Error("a", { cause: undefined }),
      "$.cause",
    ],
  ])("is reported for %s", (_, value, expected, path) => {
    const { back, losses } = store(value);
    expect(back).toEqual(expected);
    expect(losses.map((loss) => loss.path)).toEqual([path]);
  });

  it("is reported for the arguments object and a match of a regular expression", () => {
    const given = (function (..._given: unknown[]) {
      // biome-ignore lint/complexity/noArguments: the arguments object is what is stored here
      return arguments;
    })(1);
    expect(store(given).losses).not.toEqual([]);
    expect(store("aXb".match(/X/)).losses.map(({ path }) => path)).toEqual([
      "$.index",
      "$.input",
      "$.groups",
    ]);
  });

  it("is listed a hundred times at most, and counted beyond", () => {
    const { losses } = store(Array.from({ length: 150 }, () => () => 1));
    expect(losses).toHaveLength(101);
    expect(losses.at(-1)).toEqual({ path: "$", what: "50 more losses, not listed" });
  });
});
