// All scenarios that ask nothing, beside each other in one process, each as a run of its own: when it
// dies, all of them are somewhere on their way.
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { crashScenario } from "./crash-scenario.ts";
import { scenarios } from "./scenarios/index.ts";
import type { Scenario } from "./scenarios/scenario.ts";

export const together: readonly Scenario[] = scenarios.filter(
  ({ answers }) => answers === undefined,
);

/** What came of one of them. */
export interface Came {
  readonly key: string;
  readonly output: unknown;
}

export const allAtOnce: CrashScenario = {
  name: "all at once",
  async run({ runId, effect, ...process }): Promise<readonly Came[]> {
    return Promise.all(
      together.map(async (scenario) => {
        const key = `${runId} ${scenario.name}`;
        const ofIt = (name: string) => effect(`${scenario.name}: ${name}`);
        const { run } = crashScenario(scenario);
        return { key, output: await run({ ...process, runId: key, effect: ofIt }) };
      }),
    );
  },
};
