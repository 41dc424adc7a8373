// Scenarios beside each other in one process: the plain apps, and those that are more than one app.
import { beside, type Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { answeredAgain, decidedAgain } from "./answered-again.ts";
import { askedAndAnswered } from "./asking.ts";
import { busyTwice } from "./busy-twice.ts";
import { callbacks, instead, toolError } from "./callbacks.ts";
import { changedPrompt } from "./changed-prompt.ts";
import { crashScenario } from "./crash-scenario.ts";
import { sharedArtifacts } from "./keeper.ts";
import { oneRoot } from "./one-root.ts";
import { pending } from "./pending.ts";
import { scenarios } from "./scenarios/index.ts";
import { userServices } from "./user-services.ts";

/** The plain apps, in their order, and then the others. */
export const together: readonly CrashScenario[] = [
  ...scenarios.map(crashScenario),
  askedAndAnswered(false),
  pending,
  callbacks,
  instead,
  toolError,
  sharedArtifacts,
  userServices,
  busyTwice,
  oneRoot,
  changedPrompt,
  decidedAgain,
  answeredAgain,
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
