// The scenarios as processes that kill themselves, at once and without a word, before one of their effects.
import { type CrashProcess, runAsChild } from "../../../conformance/src/crash/index.ts";
import { crashScenario } from "./crash-scenario.ts";
import { scenarios } from "./scenarios/index.ts";
import { twentyCalls } from "./scenarios/twenty-calls.ts";

/** The third: more than are ever under way at once, or some would never come to their end. */
const DIE_BEFORE = 3;
/** Of twenty calls of a model and a tool: when the tool has been called for the 18th time. */
const DIE_AFTER_TOOL_18 = 37;

await runAsChild(
  [...scenarios, twentyCalls].map((scenario) => {
    const { name, run } = crashScenario(scenario);
    const dieBefore = scenario === twentyCalls ? DIE_AFTER_TOOL_18 : DIE_BEFORE;
    return { name, run: (child: CrashProcess) => run(mortal(child, dieBefore)) };
  }),
);

function mortal(child: CrashProcess, dieBefore: number): CrashProcess {
  let count = 0;
  return {
    ...child,
    async effect(key) {
      count += 1;
      if (count === dieBefore) process.kill(process.pid, "SIGKILL");
      await child.effect(key);
    },
  };
}
