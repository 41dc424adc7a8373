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

/** What was changed, through the codec, as a journal keeps it. */
function changes(context: unknown, change: (context: never) => void) {
  const before = pictureOf(context, codec);
  change(context as never);
  const found = changesBetween(before, pictureOf(context, codec));
  return codec.decode(codec.encode(found).text) as ReturnType<typeof changesBetween>;
}

describe("the difference of two contexts", () => {
  test("makes the one of the other, whatever they hold, and may be applied twice", () => {
    const values = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(values, values, (one, other) => {
        const [before, after] = [pictureOf({ one }, codec), pictureOf({ one: other }, codec)];
        const found = changesBetween(before, after);
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

const { next, effect } = processes();

test("calls side by side leave the context as they left it, in the order in which they ended", async () => {
  interface Log {
    readonly notes: Record<string, string>;
    log: string[];
  }
  const note = (name: string, ms: number) =>
    tool({
      name,
      description: "Notes.",
      parameters: z.object({}),
      execute: async (_, run) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        (run!.context as unknown as Log).log.push(name);
        return name;
      },
    });
  const app = () =>
    agentThatCalls(
      effect,
      ["slow", "quick"].map((name) => ({ name, args: {}, id: name })),
      [note("slow", 40), note("quick", 5)],
    );
  const contexts: Log[] = [];
  for (const _ of [1, 2]) {
    const context: Log = { notes: {}, log: [] };
    contexts.push(context);
    await next().run(app(), "Go.", { context, durable: { runId: "r" } });
  }
  expect(contexts.map(({ log }) => log)).toEqual([
    ["quick", "slow"],
    ["quick", "slow"],
  ]);
});
