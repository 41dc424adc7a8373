// What graphs in a graph remember, from call to call and from turn to turn: just what they do with
// LangGraph alone, whatever checkpointers they and the graph around them have.
import { MemorySaver } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { everyPoint, inMemory } from "../../../conformance/src/crash/index.ts";
import { processes } from "./processes.ts";
import {
  around,
  type Kept,
  keepingTheirState,
  onThread,
  remembering,
  ways,
} from "./remembering.ts";
import { plain } from "./scenarios/plain.ts";
import type { Effect } from "./scenarios/scenario.ts";

const { next } = processes();

const quiet: Effect = async () => {};

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

test.each(keepingTheirState)("$name is killed anywhere, and nobody can tell", async (scenario) => {
  const report = await everyPoint(scenario, { database: inMemory });
  expect(report.failures).toEqual([]);
  expect(report.deaths).toBe(report.schedules);
});

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
