// Scenarios beside each other in one process: those that ask nothing, and those that people answer.
import { beside, type Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { crashingWhenAsked } from "./asking-scenario.ts";
import { askingScenarios } from "./asking-scenarios.ts";
import { byCommand } from "./by-command.ts";
import { crashScenario } from "./crash-scenario.ts";
import { scenarios } from "./scenarios/index.ts";
import { interruptInNode } from "./scenarios/interrupt-in-node.ts";
import type { Scenario } from "./scenarios/scenario.ts";

export const together: readonly Scenario[] = scenarios.filter(
  ({ answers }) => answers === undefined,
);

export const allAtOnce: CrashScenario = beside(
  "all at once",
  together.map((scenario) => crashScenario(scenario)),
);

/** @param questions what `interrupt-in-node` asks */
export const allThatAsk = (questions: readonly string[] = []): CrashScenario =>
  beside("all that ask", [
    ...askingScenarios.map(crashingWhenAsked),
    crashScenario(interruptInNode, questions),
    byCommand,
  ]);
