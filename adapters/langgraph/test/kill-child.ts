// The scenarios as processes that kill themselves, at once and without a word, before their third effect:
// more than are ever under way at once, or some would never come to their end.
import { type CrashProcess, runAsChild } from "../../../conformance/src/crash/index.ts";
import { crashScenario } from "./crash-scenario.ts";
import { scenarios } from "./scenarios/index.ts";

const DIE_BEFORE = 3;

await runAsChild(
  scenarios.map((scenario) => {
    const { name, run } = crashScenario(scenario);
    return { name, run: (child: CrashProcess) => run(mortal(child)) };
  }),
);

function mortal(child: CrashProcess): CrashProcess {
  let count = 0;
  return {
    ...child,
    async effect(key) {
      count += 1;
      if (count === DIE_BEFORE) process.kill(process.pid, "SIGKILL");
      await child.effect(key);
    },
  };
}
