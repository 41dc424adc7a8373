// The scenarios as processes that kill themselves, at once and without a word, in their fourth effect:
// more than are ever under way at once, or some would never come to their end.
import { type CrashProcess, runAsChild } from "../../../conformance/src/crash/index.ts";
import { crashScenario, inPlainCode } from "./crash-scenario.ts";
import { scenarios } from "./scenarios/index.ts";

const DIES_IN = 4;

await runAsChild(
  scenarios.flatMap(crashScenarios).map(({ name, run }) => {
    return { name, run: (child: CrashProcess) => run(mortal(child)) };
  }),
);

function crashScenarios(scenario: (typeof scenarios)[number]) {
  return [crashScenario(scenario), inPlainCode(scenario)];
}

function mortal(child: CrashProcess): CrashProcess {
  let count = 0;
  return {
    ...child,
    async effect(key) {
      count += 1;
      const dies = count === DIES_IN;
      await child.effect(key);
      if (dies) process.kill(process.pid, "SIGKILL");
    },
  };
}
