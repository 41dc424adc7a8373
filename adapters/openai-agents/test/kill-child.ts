// The scenarios as processes that kill themselves when their fourth effect has happened: more than are
// ever under way at once, or some would never come to their end.
import { killsItself, runAsChild } from "../../../conformance/src/crash/index.ts";
import { crashScenario, inPlainCode } from "./crash-scenario.ts";
import { scenarios } from "./scenarios/index.ts";

const DIES_IN = 4;

await runAsChild(
  scenarios
    .flatMap((scenario) => [crashScenario(scenario), inPlainCode(scenario)])
    .map(({ name, run }) => ({
      name,
      run: (child) => run(killsItself(child, DIES_IN, "after")),
    })),
);
