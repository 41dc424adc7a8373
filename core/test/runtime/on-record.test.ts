import { describe, expect, it } from "vitest";
import { type CodecExtension, step } from "../../src/index.ts";
import { deadly, processes } from "./processes.ts";

const { start, die } = processes();
const options = { durable: { runId: "r" } };

class Money {
  readonly cents: number;
  constructor(cents: number) {
    this.cents = cents;
  }
}

const money: CodecExtension<Money> = {
  tag: "test/money",
  is: (value): value is Money => value instanceof Money,
  encode: ({ cents }) => cents,
  decode: (cents) => new Money(cents as number),
};

describe("what is on record", () => {
  it("and cannot be read here stops the run, is no failure of the program, and loses nothing", async () => {
    const ran: string[] = [];
    const app = (then: () => Promise<unknown>) => async (_: null) => {
      const pay = () =>
        step("pay", async () => {
          ran.push("pay");
          return new Money(42);
        });
      const { cents } = await pay().catch(() =>
        step("pay otherwise", async () => {
          ran.push("pay otherwise");
          return new Money(0);
        }),
      );
      await then();
      return cents;
    };
    const { reached, body } = deadly();
    void start({ codec: [money] })
      .run(app(body), null, options)
      .catch(() => {});
    await reached;
    die();
    const ignorant = start().run(
      app(async () => {}),
      null,
      options,
    );
    await expect(ignorant).rejects.toMatchObject({ code: "VALUE_NOT_DECODABLE" });
    expect((await start().handle("r").status()).why).toMatchObject({ reason: "unreadable" });
    const knowing = start({ codec: [money] }).run(
      app(async () => {}),
      null,
      options,
    );
    expect(await knowing).toBe(42);
    expect(ran).toEqual(["pay"]);
  });

  it("belongs to one app: another is refused under its id", async () => {
    await start().run(
      async function one(n: number) {
        return n;
      },
      1,
      options,
    );
    const two = start().run(
      async function two(n: number) {
        return -n;
      },
      1,
      options,
    );
    await expect(two).rejects.toMatchObject({ code: "INPUT_MISMATCH" });
  });
});

it("a run that is started inside a run is started once, however often that is executed", async () => {
  const { reached, body } = deadly();
  let children = 0;
  const child = async (_: null) => step("child", async () => ++children);
  const app = (then: () => Promise<unknown>) => {
    const runtime = start();
    const outer = async (_: null) => {
      const { id } = await runtime.start(child, null);
      await then();
      return id;
    };
    return runtime.run(outer, null, options);
  };
  void app(body).catch(() => {});
  await reached;
  die();
  const id = await app(async () => {});
  expect(await start().handle(id).result()).toBe(1);
  expect(children).toBe(1);
});

it("a run that several failures ended together goes on after retry()", async () => {
  let broken = true;
  const fails = async () => {
    if (broken) throw new Error("broken");
    return "mended";
  };
  const app = async (_: null) => Promise.any([step("a", fails), step("b", fails)]);
  await expect(start().run(app, null, options)).rejects.toBeInstanceOf(AggregateError);
  broken = false;
  await start().handle("r").retry();
  expect(await start().run(app, null, options)).toBe("mended");
});
