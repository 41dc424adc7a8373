import { describe, expect, it } from "vitest";
import type { Happening } from "../src/chaos/happening.ts";
import { Observer, stepKey } from "../src/chaos/observer.ts";

const RUN = "run 1";
const ID = "step 1";

/** What a process tells, at a moment. */
type Line = readonly [at: number, pid: number, happening: Happening];

const begins = { is: "begins", run: RUN, id: ID } as const;
const ends = { is: "ends", run: RUN, id: ID, how: "value" } as const;
const returned = (value: string) => ({ is: "returned", run: RUN, id: ID, value }) as const;
const lost: Happening = { is: "says", level: "warn", message: "Worker w was taken for dead: …" };

function judge(lines: readonly Line[], arrange: (observer: Observer) => void = () => {}) {
  const observer = new Observer(new Set());
  arrange(observer);
  for (const [at, pid, happening] of lines) observer.hear(pid, { at, ...happening });
  observer.conclude();
  return observer.violations;
}

describe("the observer of the chaos finds nothing wrong with", () => {
  it("a body that was killed and is run again, whatever it would have come to", () => {
    const lines: Line[] = [
      [0, 1, begins],
      [20, 2, begins],
      [30, 2, ends],
      [31, 2, returned("a")],
      [40, 3, returned("a")],
    ];
    expect(judge(lines, (observer) => observer.killed(1, 10))).toEqual([]);
  });

  it("a body that runs again while the worker that began it is stopped past its lease", () => {
    const lines: Line[] = [
      [0, 1, begins],
      [20, 2, begins],
      [30, 2, ends],
      [31, 2, returned("a")],
      [50, 1, lost],
      [51, 1, { ...ends, how: "told" }],
    ];
    expect(judge(lines, (observer) => observer.disconnected(1, 10))).toEqual([]);
  });
});

describe("the observer of the chaos sees", () => {
  it("two bodies of a step side by side, by a microsecond", () => {
    const lines: Line[] = [
      [0, 1, begins],
      [9.999, 2, begins],
      [10, 1, ends],
      [30, 2, ends],
    ];
    expect(judge(lines)).toEqual([
      "Bodies of step 1 of run 1 ran side by side for 0.0 ms, in processes 1 and 2.",
    ]);
  });

  it("bodies side by side before a worker was stopped, and long after it was told", () => {
    const lines: Line[] = [
      [0, 1, begins],
      [5, 2, begins],
      [7, 2, ends],
      [100, 1, lost],
      [2000, 3, begins],
      [2010, 3, ends],
      [2020, 1, ends],
    ];
    expect(judge(lines, (observer) => observer.disconnected(1, 10)).length).toBe(2);
  });

  it("a body that begins after its step has returned, also when it hears of that late", () => {
    const lines: Line[] = [
      [0, 1, begins],
      [1, 1, ends],
      [20, 2, begins],
      [2, 1, returned("a")],
      [21, 2, ends],
    ];
    expect(judge(lines)).toEqual([
      "A body of step 1 of run 1 began in process 2, 18.0 ms after it had returned in process 1.",
    ]);
  });

  it("a step that returns another value than before", () => {
    const lines: Line[] = [
      [2, 1, returned("a")],
      [3, 2, returned("b")],
    ];
    expect(judge(lines)).toEqual(['step 1 of run 1 returned "a", and then "b".']);
  });

  it("a worker that was robbed, a drained one that left a body, and a body that was not to be repeated", () => {
    expect(judge([[1, 1, lost]])).toEqual(["Process 1 was robbed: Worker w was taken for dead: …"]);

    const left = new Observer(new Set());
    left.hear(1, { at: 1, ...begins });
    left.exited(1);
    expect(left.violations).toEqual(["Process 1 was drained, and left a body of step 1 of run 1."]);

    const once = new Observer(new Set([stepKey(RUN, ID)]));
    once.hear(1, { at: 1, ...begins });
    once.killed(1, 2);
    once.hear(2, { at: 3, ...begins });
    expect(once.violations).toEqual([
      "step 1 of run 1 is never to be run again, and its body began once more.",
    ]);
  });
});
