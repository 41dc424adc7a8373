// What every scenario must stand: once it has come to its end, it comes to the very same from its record.
import { deepStrictEqual } from "node:assert";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";

/** The scenario, each process of which that comes to the end goes there once more, without any effect. */
export function replayed(scenario: CrashScenario): CrashScenario {
  return {
    ...scenario,
    async run(process) {
      const output = await scenario.run(process);
      const effect = (key: string) => Promise.reject(new Error(`Done again: ${key}`));
      deepStrictEqual(await scenario.run({ ...process, effect }), output);
      return output;
    },
  };
}
