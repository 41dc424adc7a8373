// Scenarios beside each other in one process: the plain apps, and those that are more than one app.
import { beside, type Scenario as CrashScenario } from "../../../conformance/src/crash/index.ts";
import { answeredAgain } from "./answered-again.ts";
import { askedAndAnswered } from "./asking.ts";
import { busyTwice } from "./busy-twice.ts";
import { callbacks, instead, toolError } from "./callbacks.ts";
import { changedPrompt } from "./changed-prompt.ts";
import { crashScenario } from "./crash-scenario.ts";
import { sharedArtifacts } from "./keeper.ts";
import { oneRoot } from "./one-root.ts";
import { pending, pendingInTurns } from "./pending.ts";
import { scenarios } from "./scenarios/index.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { mcpHttp, openApi } from "./served.ts";
import { userServices } from "./user-services.ts";
import { modes, watchers } from "./watchers.ts";

interface Part {
  readonly durable: CrashScenario;
  /** What it is with ADK alone, if it is one plain app. */
  readonly plain?: Scenario;
}

const apps = [...scenarios, ...modes.map(watchers)];
const others = [
  askedAndAnswered("once"),
  pending,
  pendingInTurns,
  callbacks,
  instead,
  toolError,
  sharedArtifacts,
  userServices,
  busyTwice,
  oneRoot,
  changedPrompt,
  answeredAgain,
  openApi,
  mcpHttp,
];

export const together: readonly Part[] = [
  ...apps.map((plain) => ({ plain, durable: crashScenario(plain) })),
  ...others.map((durable) => ({ durable })),
];

/** Where the servers are that some of them ask is in the environment. */
export const allAtOnce: CrashScenario = beside(
  "all at once",
  together.map(({ durable }) => orFailure(durable)),
);

/** Returns what it throws: that one fails is no end of the others. */
export function orFailure(scenario: CrashScenario): CrashScenario {
  return {
    ...scenario,
    run: (process) =>
      scenario.run(process).catch(({ name, message }: Error) => ({ threw: name, message })),
  };
}
