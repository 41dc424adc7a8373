// The scenarios as processes that kill themselves before one of their effects.
import { killsItself, runAsChild } from "../../../conformance/src/crash/index.ts";
import { allAtOnce } from "./all-at-once.ts";
import { crashScenario } from "./crash-scenario.ts";
import { interruptInTool } from "./scenarios/interrupt-in-tool.ts";
import { twentyCalls } from "./scenarios/twenty-calls.ts";

/** By scenario: always more than are ever under way at once, or some would never come to their end. */
const DIE_BEFORE = new Map([
  [crashScenario(interruptInTool), 3],
  // Of calls of a model and a tool: when the tool has been called for the 18th time.
  [crashScenario(twentyCalls), 37],
  [allAtOnce, 50],
]);

await runAsChild(
  [...DIE_BEFORE].map(([{ name, run }, nth]) => ({
    name,
    run: (child) => run(killsItself(child, nth)),
  })),
);
