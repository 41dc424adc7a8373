import fc from "fast-check";

/** Keys that mean something to JavaScript, to JSON or to the codec, among ordinary ones. */
const key: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "toJSON",
    "then",
    "length",
    "",
    "0",
    "-1",
    "1e3",
    "$",
    "$$",
    "$ref",
    "$date",
    "$map",
    "$error",
    "$literal",
    "$dict",
    "$undefined",
    "$sealed",
    "$acme/money",
  ),
  fc.string({ unit: "binary", maxLength: 6 }),
);

/** Strings of UTF-16 units, so that NUL and halves of surrogate pairs occur often. */
const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc
    .array(fc.constantFrom(0, 0xd800, 0xdc00, 0xdbff, 0x22, 0x5c, 0x41, 0x24, 0x2028, 0xfeff))
    .map((units) => String.fromCharCode(...units)),
);

const primitive: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(undefined, null, true, false, -0, Number.NaN, Infinity, -Infinity),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  text,
);

const bytes: fc.Arbitrary<unknown> = fc
  .tuple(fc.uint8Array({ maxLength: 32 }), fc.nat(12))
  .map(([data, kind]) => {
    const buffer = new Uint8Array(data.length * 8).buffer;
    new Uint8Array(buffer).set(data);
    const views = [
      () => Buffer.from(data),
      () => data,
      () => data.subarray(1),
      () => new Uint8ClampedArray(buffer),
      () => new Uint16Array(buffer),
      () => new Int16Array(buffer),
      () => new Int32Array(buffer),
      () => new Float32Array(buffer),
      () => new Float64Array(buffer),
      () => new BigInt64Array(buffer),
      () => new BigUint64Array(buffer),
      () => new DataView(buffer),
      () => buffer,
    ];
    return views[kind]?.();
  });

const other: fc.Arbitrary<unknown> = fc.oneof(
  // Two invalid dates are different to isDeepStrictEqual of Node 22; text.test.ts stores one.
  fc.date({ noInvalidDate: true }),
  fc.webUrl({ withFragments: true, withQueryParameters: true }).map((url) => new URL(url)),
  fc
    .tuple(fc.constantFrom("a+", "\\/[/]\n", "(?<x>.)"), fc.constantFrom("", "g", "giu"), fc.nat(9))
    .map(([source, flags, lastIndex]) => Object.assign(new RegExp(source, flags), { lastIndex })),
  bytes,
);

const ERRORS = [Error, TypeError, RangeError, SyntaxError, URIError, EvalError, ReferenceError];

function error(message: string, kind: number, nested: unknown, own: [string, unknown][]): Error {
  const options = kind % 2 === 0 ? { cause: nested } : {};
  const type = ERRORS[kind];
  let made: Error;
  if (type !== undefined) made = new type(message, options);
  else if (kind === ERRORS.length) made = new AggregateError([nested, 1], message, options);
  else made = new DOMException(message, "AbortError");
  for (const [name, value] of own) {
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true });
  }
  return made;
}

function object(entries: [string, unknown][], prototype: object | null): object {
  const made = Object.create(prototype);
  for (const [name, value] of entries) {
    Object.defineProperty(made, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return made;
}

function holed(items: unknown[], holes: number[]): unknown[] {
  const array = [...items];
  for (const hole of holes) delete array[hole];
  return array;
}

function nested(
  leaf: fc.Arbitrary<unknown>,
  member?: fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  return fc.letrec((tie) => {
    const value = tie("value");
    const distinct = member ?? value;
    const entries = fc.uniqueArray(fc.tuple(key, value), { maxLength: 4, selector: ([k]) => k });
    const code = fc.tuple(fc.constantFrom("code", "status", "name", "$x", "__proto__"), value);
    return {
      value: fc.oneof(
        { maxDepth: 5, depthSize: "medium" },
        leaf,
        entries.map((list) => object(list, Object.prototype)),
        entries.map((list) => object(list, null)),
        fc.array(value, { maxLength: 4 }),
        fc
          .tuple(fc.array(value, { maxLength: 5 }), fc.array(fc.nat(6)))
          .map(([a, h]) => holed(a, h)),
        fc.array(fc.tuple(distinct, value), { maxLength: 3 }).map((list) => new Map(list)),
        fc.array(distinct, { maxLength: 3 }).map((list) => new Set(list)),
        fc
          .tuple(text, fc.nat(ERRORS.length + 1), value, fc.array(code, { maxLength: 2 }))
          .map((parts) => error(...parts)),
      ),
    };
  }).value as fc.Arbitrary<unknown>;
}

class Point {
  readonly x = 1;
  get sum(): number {
    return this.x;
  }
}

class Money {
  readonly #cents = 5;
  toJSON(): unknown {
    return { $cents: this.#cents };
  }
}

class PaymentError extends TypeError {
  override readonly name = "PaymentError";
  readonly code = "declined";
}

const unstorable: fc.Arbitrary<unknown> = fc
  .constantFrom<(() => unknown)[]>(
    () => () => 1,
    () => Symbol("local"),
    () => new Point(),
    () => new Money(),
    () => new PaymentError("no"),
    () => new (class extends Map<unknown, unknown> {})([[1, 2]]),
    () => new (class extends Array<unknown> {})(1, 2, 3),
    () => Promise.resolve(1),
    () => new WeakMap(),
    () => Object(5),
    () => Object.assign([1], { extra: 2 }),
    () => ({ [Symbol.for("key")]: 1 }),
    () => Object.defineProperty({}, "hidden", { value: 1 }),
    () => Object.assign(new Date(0), { extra: 1 }),
    () => Object.assign(new Uint8Array(2), { extra: 1 }),
    () => Object.create({ inherited: 1 }),
  )
  .map((make) => make());

/** Values that must come back exactly. */
export const storableValue: fc.Arbitrary<unknown> = nested(fc.oneof(primitive, other));

/**
 * Values some of which cannot be stored exactly. Keys of Maps and items of Sets can: two that are
 * both stored as undefined would become one.
 */
export const anyValue: fc.Arbitrary<unknown> = nested(
  fc.oneof(primitive, other, unstorable),
  storableValue,
);
