// What graphs in a graph remember, from call to call and from turn to turn: just what they do with
// LangGraph alone, whatever checkpointers they and the graph around them have.
import {
  type BaseCheckpointSaver,
  END,
  MemorySaver,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { processes } from "./processes.ts";
import { fakeTool } from "./scenarios/fake-tool.ts";
import { Lines } from "./scenarios/lines.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

const { next } = processes();

interface Kept {
  readonly checkpointer?: boolean | BaseCheckpointSaver;
}

const onThread = (thread_id: string) => ({ configurable: { thread_id } });
const quiet: Effect = async () => {};

/** Notes how much it remembers. */
const remembering = (effect: Effect, kept: Kept) => {
  const look = fakeTool(effect, "look");
  return new StateGraph(Lines)
    .addNode("look", async ({ lines }) => ({
      lines: [await look.invoke({ q: `${lines.length} (${lines.at(-1)})` })],
    }))
    .addEdge(START, "look")
    .addEdge("look", END)
    .compile(kept);
};
type Inner = ReturnType<typeof remembering>;

type Node = Inner | ((state: typeof Lines.State) => Promise<object>);

/** Two rounds, in each of which the inner graph runs once, or is called twice. */
const around = (node: Node, kept: Kept & { readonly interruptBefore?: ["inner"] }) =>
  new StateGraph(Lines)
    .addNode("inner", node)
    .addNode("count", async ({ number }) => ({ number: number + 1 }))
    .addEdge(START, "inner")
    .addEdge("inner", "count")
    .addConditionalEdges("count", ({ number }) => (number % 2 === 1 ? "inner" : END))
    .compile(kept);

const calling =
  (inner: Inner, options?: object) =>
  async ({ number }: typeof Lines.State) => {
    const first = await inner.invoke({ lines: [`first ${number}`] }, options);
    const second = await inner.invoke({ lines: [`second ${number}`] }, options);
    return { lines: [first.lines.join(), second.lines.join()] };
  };

const ways: Record<string, (inner: Inner) => Node> = {
  "is a node": (inner) => inner,
  "is called by a node": (inner) => calling(inner),
  "is called by a node, on a thread of its own": (inner) => calling(inner, onThread("inner")),
};
const kinds: Record<string, () => Kept> = {
  "no checkpointer": () => ({}),
  "one of its own": () => ({ checkpointer: new MemorySaver() }),
  "the checkpointer around it, and keeps its state": () => ({ checkpointer: true }),
  "to keep nothing": () => ({ checkpointer: false }),
};

describe.each(Object.entries(ways))("a graph that %s", (_way, place) => {
  describe.each(Object.entries(kinds))("and has %s", (_kind, inner) => {
    const outer: [string, () => Kept][] = [
      ["a checkpointer", () => ({ checkpointer: new MemorySaver() })],
      // Alone, LangGraph refuses a graph that is to keep its state where nothing is kept.
      ...(inner().checkpointer === true
        ? []
        : ([["no checkpointer", () => ({})]] as [string, () => Kept][])),
    ];
    test.each(outer)("in a graph that has %s", async (_outer, kept) => {
      const bare = around(place(remembering(quiet, inner())), kept());
      const durable = around(place(remembering(quiet, inner())), kept());
      for (const number of [0, 2]) {
        const expected = plain(await bare.invoke({ number }, onThread("t")));
        expect(plain(await next().run(durable, { number }, onThread("t")))).toEqual(expected);
      }
    });
  });
});

test.each(Object.entries(ways).slice(0, 2))(
  "a graph that %s and keeps its state is killed anywhere, and nobody can tell",
  async (_way, place) => {
    const report = await everyPoint(
      {
        name: "keeps its state",
        async run({ runtime, runId, effect }) {
          const inner = remembering(effect, { checkpointer: true });
          const app = around(place(inner), { checkpointer: new MemorySaver() });
          const durable = { runId };
          return plain(await runtime.run(app, {}, { ...onThread(runId), durable }));
        },
      },
      { database: inMemory },
    );
    expect(report.failures).toEqual([]);
    expect(report.deaths).toBe(report.schedules);
  },
);

// LangGraph alone takes it for the call before, and gives back what that came to.
test.each(Object.entries(ways).slice(0, 2))(
  "a graph that %s and keeps its state is called again right after a breakpoint",
  async (_way, place) => {
    const app = (more: object = {}) => {
      const inner = remembering(quiet, { checkpointer: true });
      return around(place(inner), { checkpointer: new MemorySaver(), ...more });
    };
    const expected = plain(await app().invoke({}, onThread("t")));
    const stopping = () => app({ interruptBefore: ["inner"] });
    await next().run(stopping(), {}, onThread("t"));
    await next().run(stopping(), null, onThread("t"));
    expect(plain(await next().run(stopping(), null, onThread("t")))).toEqual(expected);
  },
);
