/** Runs random cases until enough were run or one fails; a failing one is shrunk. */
import { type FuzzCase, type FuzzResult, runCase } from "./fuzz-case.ts";
import { randomInterruptions } from "./interruption.ts";
import type { Crash } from "./mortal-process.ts";
import { randomProgram } from "./program.ts";
import { Random } from "./random.ts";
import { shrink } from "./shrink.ts";

export interface FuzzSummary {
  readonly cases: number;
  readonly executions: number;
  readonly entries: number;
  readonly reordered: number;
  /** Questions that were asked, and times a run was suspended to wait. */
  readonly waits: number;
  readonly suspended: number;
  /** Times a run was handed over or paused, and runs that were cancelled. */
  readonly stopped: number;
  readonly cancelled: number;
  readonly failure: { readonly shrunk: FuzzCase; readonly result: FuzzResult } | undefined;
}

export async function fuzz(
  firstSeed: number,
  count: number,
  onProgress: (done: number) => void = () => {},
): Promise<FuzzSummary> {
  const sum = {
    cases: 0,
    executions: 0,
    entries: 0,
    reordered: 0,
    waits: 0,
    suspended: 0,
    stopped: 0,
    cancelled: 0,
  };
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    const fuzzCase = randomCase(seed);
    const { violations, ...counts } = await runCase(fuzzCase);
    sum.cases += 1;
    sum.executions += counts.executions;
    sum.entries += counts.entries;
    sum.reordered += counts.reordered;
    sum.waits += counts.waits;
    sum.suspended += counts.suspended;
    sum.stopped += counts.stopped;
    sum.cancelled += counts.cancelled;
    if (violations.length > 0) {
      const shrunk = await shrink(fuzzCase);
      return { ...sum, failure: { shrunk, result: await runCase(shrunk) } };
    }
    if (sum.cases % 1_000 === 0) onProgress(sum.cases);
  }
  return { ...sum, failure: undefined };
}

function randomCase(seed: number): FuzzCase {
  const random = new Random(seed);
  const program = randomProgram(random);
  const crashes = Array.from(
    { length: random.below(4) },
    (): Crash => ({ at: 1 + random.below(20), when: random.pick(["before", "after"]) }),
  );
  return { program, seed, crashes, interruptions: randomInterruptions(random) };
}
