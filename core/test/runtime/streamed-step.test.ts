import { describe, expect, it } from "vitest";
import { currentRun, durableStep, streamedStep } from "../../src/adapter/index.ts";
import { processes } from "./processes.ts";

const { start, twice } = processes();
const options = { durable: { runId: "r" } };

/** A model that streams words, and what was seen of it outside. */
function model(
  words: readonly string[],
  more: {
    readonly hold?: string;
    readonly failAt?: string;
    readonly leaves?: () => boolean;
  } = {},
) {
  const made: string[] = [];
  const call = () =>
    streamedStep<string>(currentRun("model"), {
      kind: "model",
      name: "words",
      input: ["say something"],
      ...(more.leaves === undefined ? {} : { leaves: more.leaves }),
      ...(more.hold === undefined ? {} : { holdFrom: (word: string) => word === more.hold }),
      async *stream() {
        for (const word of words) {
          if (word === more.failAt) throw new RangeError("the line is dead");
          made.push(word);
          yield word;
        }
      },
    });
  return { made, call };
}

async function collect<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

/** What it gives, and last its failure. */
async function* forgiving(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  try {
    yield* pieces;
  } catch (error) {
    yield `${error instanceof RangeError ? "RangeError" : "another"}: ${(error as Error).message}`;
  }
}

describe("a streamed step", () => {
  it("gives the same pieces on replay, and asks the model once", async () => {
    const { made, call } = model(["a", "b", "c"]);
    const [live, replayed] = await twice(() => collect(call()));
    expect(live).toEqual(["a", "b", "c"]);
    expect(replayed).toEqual(live);
    expect(made).toEqual(["a", "b", "c"]);
  });

  it("takes no piece before it is asked for", async () => {
    const { made, call } = model(["a", "b", "c"]);
    await start().run(async (_: null) => {
      const pieces = call();
      expect(made).toEqual([]);
      await pieces.next();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(made).toEqual(["a"]);
      await collect(pieces);
    }, null);
    expect(made).toEqual(["a", "b", "c"]);
  });

  it("holds back what sets something off until all of it is durable", async () => {
    const { call } = model(["text", "call a tool", "usage"], { hold: "call a tool" });
    const runtime = start();
    const seen: [piece: string, isDurable: boolean][] = [];
    await runtime.run(
      async (_: null) => {
        for await (const piece of call()) {
          const [step] = await runtime.handle("r").steps();
          seen.push([piece, step?.status === "finished"]);
        }
      },
      null,
      options,
    );
    expect(seen).toEqual([
      ["text", false],
      ["call a tool", true],
      ["usage", true],
    ]);
  });

  it("keeps what a caller that leaves early has had, and stops the model", async () => {
    const { made, call } = model(["a", "b", "c"]);
    const [live, replayed] = await twice(async () => {
      for await (const piece of call()) if (piece === "b") return piece;
      return "never";
    });
    expect([live, replayed]).toEqual(["b", "b"]);
    expect(made).toEqual(["a", "b"]);
  });

  it("records nothing that a caller gave up to come back, and asks the model anew then", async () => {
    const { made, call } = model(["a", "b", "c"], { leaves: () => true });
    const runtime = start();
    const pieces = await runtime.run(
      async (_: null) => {
        for await (const piece of call()) if (piece === "b") break;
        return collect(call());
      },
      null,
      options,
    );
    expect(pieces).toEqual(["a", "b", "c"]);
    expect(made).toEqual(["a", "b", "a", "b", "c"]);
  });

  it("gives what came before a failure, and the failure, on replay too", async () => {
    const { made, call } = model(["a", "b", "c"], { failAt: "c" });
    const [live, replayed] = await twice(() => collect(forgiving(call())));
    expect(live).toEqual(["a", "b", "RangeError: the line is dead"]);
    expect(replayed).toEqual(live);
    expect(made).toEqual(["a", "b"]);
  });

  it("gives what it held back before a failure, when that is durable", async () => {
    const { made, call } = model(["a", "b", "c"], { hold: "b", failAt: "c" });
    const [live, replayed] = await twice(() => collect(forgiving(call())));
    expect(live).toEqual(["a", "b", "RangeError: the line is dead"]);
    expect(replayed).toEqual(live);
    expect(made).toEqual(["a", "b"]);
  });

  it("gives nothing any more that comes after it ran out of time", async () => {
    const [live, replayed] = await twice(async () => {
      const words = streamedStep<string>(currentRun("model"), {
        kind: "model",
        name: "words",
        input: ["say something"],
        policy: { timeout: 10 },
        async *stream() {
          yield "one";
          yield "two";
        },
      });
      const heard: string[] = [];
      try {
        for await (const word of words) {
          heard.push(word);
          // The next is asked for when it is too late.
          const isOver = async () => (await start().handle("r").steps())[0]?.status === "failed";
          await expect.poll(isOver).toBe(true);
        }
      } catch (error) {
        heard.push((error as { code: string }).code);
      }
      return heard;
    });
    expect(live).toEqual(["one", "STEP_TIMED_OUT"]);
    expect(replayed).toEqual(live);
  });

  it("shows its pieces to who looks on, with the step and the try they are of", async () => {
    const { call } = model(["a", "b"]);
    const runtime = start();
    const run = await runtime.start(async (_: null) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return collect(call());
    }, null);
    const deltas = [];
    for await (const event of run.events()) if (event.type === "delta") deltas.push(event);
    expect(deltas.map(({ nth, value, try: tries }) => [nth, value, tries])).toEqual([
      [1, "a", 1],
      [2, "b", 1],
    ]);
    const [step] = await run.steps();
    expect(deltas[0]?.step).toBe(step?.id);
  });
});

describe("an effect on state of the framework", () => {
  it("is done again on replay, before the result is handed back", async () => {
    const [live, replayed] = await twice(async () => {
      const state: Record<string, number> = {};
      const result = await durableStep(currentRun("tool"), {
        kind: "tool",
        name: "count",
        effect: {
          read: () => ({ count: state.count }),
          apply: (effect) => void Object.assign(state, effect),
        },
        async body() {
          state.count = 7;
          return "counted";
        },
      });
      return [result, state.count];
    });
    expect(live).toEqual(["counted", 7]);
    expect(replayed).toEqual(live);
  });

  it("that cannot be stored fails its step, which does not run again", async () => {
    let bodies = 0;
    const results = await twice(() =>
      durableStep(currentRun("tool"), {
        kind: "tool",
        name: "count",
        effect: {
          read() {
            const state: { self?: unknown } = {};
            state.self = state;
            return state;
          },
          apply: () => expect.fail("It was not stored."),
        },
        body: async () => ++bodies,
        policy: { retries: 1 },
      }).catch((error: unknown) => (error as { code: string }).code),
    );
    expect(results).toEqual(["VALUE_NOT_ENCODABLE", "VALUE_NOT_ENCODABLE"]);
    expect(bodies).toBe(1);
  });
});
