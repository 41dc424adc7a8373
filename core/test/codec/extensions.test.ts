import { describe, expect, it } from "vitest";
import { type CodecExtension, createCodec } from "../../src/codec/index.ts";
import { refusal } from "./refusal.ts";

class Money {
  readonly cents: bigint;
  readonly seen: Date;
  constructor(cents: bigint, seen: Date) {
    this.cents = cents;
    this.seen = seen;
  }
}

class Declined extends Error {
  readonly money: Money;
  constructor(message: string, money: Money) {
    super(message);
    this.money = money;
  }
}

const money: CodecExtension<Money> = {
  tag: "acme/money",
  is: (value) => value instanceof Money,
  encode: ({ cents, seen }) => [cents, seen],
  decode: (data) => new Money(...(data as [bigint, Date])),
};

const declined: CodecExtension<Declined> = {
  tag: "acme/declined",
  is: (value) => value instanceof Declined,
  encode: ({ message, money }) => ({ message, money }),
  decode: (data) => {
    const { message, money } = data as Declined;
    return new Declined(message, money);
  },
};

function named(tag: string, over: Partial<CodecExtension> = {}): CodecExtension {
  return { tag, is: (_): _ is unknown => false, encode: () => null, decode: () => null, ...over };
}

describe("a codec extension", () => {
  it("stores and rebuilds its class under its tag, with what the codec and others know inside", () => {
    const codec = createCodec({ extensions: [money, declined] });
    const value = { error: new Declined("no", new Money(5n, new Date(0))) };
    const { text, losses } = codec.encode(value);
    expect(losses).toEqual([]);
    expect(text).toBe(
      '{"error":{"$acme/declined":{"message":"no","money":{"$acme/money":[{"$bigint":"5"},{"$date":"1970-01-01T00:00:00.000Z"}]}}}}',
    );
    const back = codec.decode(text) as typeof value;
    expect(back.error).toBeInstanceOf(Declined);
    expect(back.error.money).toEqual(value.error.money);
    expect(back.error.money).toBeInstanceOf(Money);
  });

  it("may return data that looks like a tag", () => {
    const odd = named("acme/odd", {
      is: (value) => value instanceof Money,
      encode: () => ({ $date: "not a date" }),
      decode: (data) => data,
    });
    const codec = createCodec({ extensions: [odd] });
    expect(codec.decode(codec.encode(new Money(1n, new Date())).text)).toEqual({
      $date: "not a date",
    });
  });

  it("is asked in the order of registration", () => {
    const first = named("acme/first", { is: (value) => value instanceof Money });
    expect(createCodec({ extensions: [first, money] }).encode(new Money(1n, new Date())).text).toBe(
      '{"$acme/first":null}',
    );
  });

  it("may claim built-in classes, functions and symbols, never plain data", () => {
    const asked: unknown[] = [];
    const greedy = named("acme/all", { is: (value): value is unknown => asked.push(value) > 0 });
    const codec = createCodec({ extensions: [greedy] });
    const claimed = [new Date(0), () => 1, Symbol("s"), new (class extends Array {})()];
    for (const value of claimed) expect(codec.encode(value).text).toBe('{"$acme/all":null}');
    expect(codec.encode({ a: [1, "x", null, Object.create(null), undefined] }).text).toBe(
      '{"a":[1,"x",null,{"$dict":{}},{"$undefined":true}]}',
    );
    expect(asked).toEqual(claimed);
  });

  it.each<[string, Partial<CodecExtension>]>([
    [
      "is",
      {
        is: (_): _ is unknown => {
          throw new Error("broken");
        },
      },
    ],
    [
      "encode",
      {
        is: (value): value is unknown => value instanceof Money,
        encode: () => {
          throw new Error("broken");
        },
      },
    ],
  ])("whose %s throws is named with the place and the cause", (_, over) => {
    const codec = createCodec({ extensions: [named("acme/broken", over)] });
    const error = refusal("VALUE_NOT_ENCODABLE", () =>
      codec.encode({ a: [new Money(1n, new Date())] }),
    );
    expect(error.details).toEqual({ path: "$.a[0]", tag: "acme/broken" });
    expect(error.cause).toEqual(new Error("broken"));
  });

  it("whose decode throws is named with the place and the cause", () => {
    const broken = named("acme/broken", {
      decode: () => {
        throw new Error("too old");
      },
    });
    const codec = createCodec({ extensions: [broken] });
    const error = refusal("VALUE_NOT_DECODABLE", () => codec.decode('[{"$acme/broken":1}]'));
    expect(error.details).toEqual({ path: '$[0]["$acme/broken"]', tag: "$acme/broken" });
    expect(error.cause).toEqual(new Error("too old"));
  });

  it.each([new Money(1n, new Date(0)), () => 1])(
    "that returns the value itself is refused as a cycle",
    (value) => {
      const circular = named("acme/circular", {
        is: (other): other is unknown => other === value,
        encode: (same) => same,
      });
      const codec = createCodec({ extensions: [circular] });
      expect(refusal("VALUE_NOT_ENCODABLE", () => codec.encode([value])).details).toEqual({
        path: "$[0]",
        target: "$[0]",
      });
    },
  );

  it.each(["", "money", "$date", "$acme/x", "acme/", "/money", "acme/mo ney", "acme//x", 5])(
    "with the tag %j is refused",
    (tag) => {
      refusal("OPTION_INVALID", () => createCodec({ extensions: [named(tag as string)] }));
    },
  );

  it("with the tag of another is refused", () => {
    const error = refusal("OPTION_INVALID", () =>
      createCodec({ extensions: [money, named("acme/money")] }),
    );
    expect(error.details).toEqual({ tag: "acme/money" });
  });
});
