// Scenarios beside each other in one process: the plain apps, and those that are more than one app.
import { beside, type Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { askedAndAnswered } from "./asking.ts";
import { callbacks, instead, toolError } from "./callbacks.ts";
import { crashScenario } from "./crash-scenario.ts";
import { sharedArtifacts } from "./keeper.ts";
import { pending } from "./pending.ts";
import { scenarios } from "./scenarios/index.ts";

/** The plain apps, in their order, and then the others. */
export const together: readonly CrashScenario[] = [
  ...scenarios.map(crashScenario),
  askedAndAnswered(false),
  pending,
  callbacks,
  instead,
  toolError,
  sharedArtifacts,
];

export const allAtOnce: CrashScenario = beside("all at once", together.map(orFailure));

/** Returns what it throws: that one fails is no end of the others. */
export function orFailure(scenario: CrashScenario): CrashScenario {
  return {
    ...scenario,
    run: (process) =>
      scenario.run(process).catch(({ name, message }: Error) => ({ threw: name, message })),
  };
}
