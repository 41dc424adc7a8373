// The scenarios as processes that kill themselves, so many milliseconds after the beginning of their
// n-th effect.
import { killsItself, runAsChild } from "../../../conformance/src/crash/index.ts";
import { allAtOnce } from "./all-at-once.ts";
import { askedAndAnswered } from "./asking.ts";
import { sharedState } from "./clerk.ts";
import { crashScenario } from "./crash-scenario.ts";
import { keptThings } from "./kept-things.ts";
import { scenarios } from "./scenarios/index.ts";
import { mcpStdio } from "./served.ts";

const { effect: nth, afterMs = 0 } = JSON.parse(process.env.HOLDFAST_TEST_DIE ?? "{}") as {
  readonly effect?: number;
  readonly afterMs?: number;
};

const others = [askedAndAnswered("again"), keptThings, sharedState, mcpStdio, allAtOnce];

await runAsChild(
  [...scenarios.map(crashScenario), ...others].map(({ name, run }) => ({
    name,
    run: (child) => run(killsItself(child, nth, afterMs)),
  })),
);
