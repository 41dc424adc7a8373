// A scenario of which other effects are the slow ones in each process.
import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";

export function slowInTurn({ run, ...rest }: CrashScenario): CrashScenario {
  return {
    ...rest,
    run: (process) =>
      run({
        ...process,
        async effect(key) {
          await sleep(latency(key, process.nth));
          await process.effect(key);
        },
      }),
  };
}

/** Some milliseconds, others for other effects and in other processes. */
function latency(key: string, nth: number): number {
  let sum = nth * 7;
  for (const letter of key) sum = (sum * 31 + letter.charCodeAt(0)) % 1009;
  return sum % 6;
}
