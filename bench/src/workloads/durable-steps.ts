/** Programs of `step()`s, run by a runtime as a user runs them. */
import { type Runtime, step } from "@holdfast/core";
import { type Contender, drive, type Sample } from "../measure.ts";

/** As many runs at once as asked for, each taking one step after the other. */
export function durableSteps(runtime: Runtime, runs: number, body: string): Contender {
  return {
    name: "step() in a run",
    async sample(ms) {
      const samples: Sample[] = [];
      const program = async (_: null) => {
        samples.push(await drive(1, ms, () => step("s", async () => body)));
      };
      await Promise.all(Array.from({ length: runs }, () => runtime.run(program, null)));
      const [first] = samples;
      if (runs === 1) return first!;
      const rate = samples.reduce((sum, sample) => sum + sample.rate, 0);
      return { rate, p50: undefined, p99: undefined };
    },
  };
}

/** So many steps; then, if it is to stay unfinished, nothing more. */
export function countedSteps(count: number, stays: boolean) {
  return async (_: null): Promise<number> => {
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += await step("s", async () => index);
    if (stays) await new Promise(() => {});
    return sum;
  };
}
