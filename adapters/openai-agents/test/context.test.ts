// What tools do to the context of their run is done again where they are not run again.
import { createCodec } from "@holdfast/core";
import { tool } from "@openai/agents";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { changesBetween, pictureOf, withChanges } from "../src/context-difference.ts";
import { agentThatCalls } from "./agent-that-calls.ts";
import { processes } from "./processes.ts";

const codec = createCodec();
const key = fc.oneof(fc.string(), fc.integer(), fc.constant(null));

/** What was changed, through the codec, as a journal keeps it. */
function changes(context: unknown, change: (context: never) => void) {
  const before = pictureOf(context, codec);
  change(context as never);
  const found = changesBetween(before, pictureOf(context, codec));
  return codec.decode(codec.encode(found).text) as ReturnType<typeof changesBetween>;
}

describe("the difference of two contexts", () => {
  test("makes the one of the other, whatever they hold, and may be applied twice", () => {
    const { value: values } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.jsonValue({ maxDepth: 2 }), tie("map"), tie("set")),
      map: fc.array(fc.tuple(key, tie("value"))).map((entries) => new Map(entries)),
      set: fc.array(key).map((members) => new Set(members)),
    }));
    fc.assert(
      fc.property(values, values, (one, other) => {
        const [before, after] = [pictureOf({ one }, codec), pictureOf({ one: other }, codec)];
        const stored = codec.encode(changesBetween(before, after)).text;
        const found = codec.decode(stored) as ReturnType<typeof changesBetween>;
        const context = withChanges({ one: structuredClone(one) }, found);
        expect(context).toEqual({ one: other });
        expect(withChanges(context, found)).toEqual({ one: other });
      }),
    );
  });

  test("is as small as what changed", () => {
    const context = { list: [1, 2, 3], deep: { kept: "x".repeat(100), gone: 1 } };
    expect(
      changes(context, (given: typeof context) => {
        given.list.push(4);
        Reflect.deleteProperty(given.deep, "gone");
      }),
    ).toEqual([
      { at: ["list", "length"], to: 4 },
      { at: ["list", "3"], to: 4 },
      { at: ["deep", "gone"] },
    ]);
  });

  test("sees dates and maps that change in themselves, and keeps what they are", () => {
    const make = () => ({ at: new Date(0), seen: new Map([["a", 1]]) });
    const found = changes(make(), (context: ReturnType<typeof make>) => {
      context.at.setTime(5);
      context.seen.set("b", 2);
    });
    const expected = {
      at: new Date(5),
      seen: new Map([
        ["a", 1],
        ["b", 2],
      ]),
    };
    expect(withChanges(make(), found)).toEqual(expected);
  });

  test("leaves alone what others put into maps and sets, and those who hold them", () => {
    const make = () => ({ at: new Map([["a", new Set([1])]]), gone: new Set(["x", "y"]) });
    const found = changes(make(), ({ at, gone }: ReturnType<typeof make>) => {
      at.get("a")!.add(2);
      gone.delete("x");
    });
    const context = make();
    const { at, gone } = context;
    at.get("a")!.add(3);
    at.set("b", new Set());
    expect(withChanges(context, found)).toEqual({
      at: new Map([
        ["a", new Set([1, 2, 3])],
        ["b", new Set()],
      ]),
      gone: new Set(["y"]),
    });
    expect(context.at).toBe(at);
    expect(context.gone).toBe(gone);
  });

  test("of a map whose keys are objects is the whole map", () => {
    const found = changes({ by: new Map() }, ({ by }: { readonly by: Map<object, number> }) => {
      by.set({ id: 1 }, 1);
    });
    expect(found).toEqual([{ at: ["by"], to: new Map([[{ id: 1 }, 1]]) }]);
  });

  test("leaves handles alone, and changes a context of a class in place", () => {
    class Session {
      count = 0;
      readonly #secret = 1;
      readonly database = new (class Pool {
        busy = 0;
      })();
      get sum(): number {
        return this.count + this.#secret;
      }
    }
    const found = changes(new Session(), (session: Session) => {
      session.count = 2;
      session.database.busy = 1;
    });
    expect(found).toEqual([{ at: ["count"], to: 2 }]);
    const session = new Session();
    expect(withChanges(session, found)).toBe(session);
    expect(session.sum).toBe(3);
  });

  test("is not lost in a context that refers to itself", () => {
    const context: Record<string, unknown> = { n: 1 };
    context.self = context;
    expect(
      changes(context, (given: Record<string, unknown>) => {
        given.n = 2;
      }),
    ).toEqual([{ at: ["n"], to: 2 }]);
  });
});

const { next, die, effect } = processes();

describe("calls side by side", () => {
  interface Log {
    readonly notes: Record<string, string>;
    readonly log: string[];
    count: number;
  }

  const NAMES = ["a", "b", "c"];

  /** Three calls, of which each ends when it is let to. */
  function app(inside: (name: string) => Promise<void>) {
    const tools = NAMES.map((name) =>
      tool({
        name,
        description: "Notes.",
        parameters: z.object({}),
        async execute(_, run) {
          await inside(name);
          const context = run!.context as unknown as Log;
          context.log.push(name);
          context.count += 1;
          return name;
        },
      }),
    );
    const calls = NAMES.map((name) => ({ name, args: {}, id: name }));
    return agentThatCalls(effect, calls, tools);
  }

  const newLog = (): Log => ({ notes: {}, log: [], count: 0 });

  const run = (context: Log, inside: (name: string) => Promise<void>) =>
    next().run(app(inside), "Go.", { context, durable: { runId: "r" } });

  const orders = ["abc", "acb", "bac", "bca", "cab", "cba"];

  const endings = orders.flatMap((order) => [order.slice(0, 1), order.slice(0, 2), order]);

  test.each([...new Set(endings)])(
    "leave the context as they left it, in the order in which they ended: %s before a crash",
    async (ended) => {
      const first = newLog();
      const gates = new Map(NAMES.map((name) => [name, Promise.withResolvers<void>()]));
      run(first, (name) => gates.get(name)!.promise).catch(() => {});
      for (const [nth, name] of [...ended].entries()) {
        gates.get(name)!.resolve();
        await expect.poll(finished).toBeGreaterThan(nth + 1);
      }
      die();
      const [second, third] = [newLog(), newLog()];
      const again: string[] = [];
      await run(second, async (name) => void again.push(name));
      expect(again).toEqual(NAMES.filter((name) => !ended.includes(name)));
      expect(second).toEqual({ notes: {}, log: [...ended, ...again], count: 3 });
      await run(third, () => Promise.reject(new Error("called again")));
      expect(third).toEqual(second);
    },
  );

  async function finished(): Promise<number> {
    const steps = await next().handle("r").steps();
    return steps.filter(({ status }) => status === "finished").length;
  }
});
