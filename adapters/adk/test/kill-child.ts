// The scenarios as processes that kill themselves, at once and without a word: so many milliseconds
// after the beginning of their n-th effect.
import { type CrashProcess, runAsChild } from "../../../conformance/src/crash/index.ts";
import { askedAndAnswered } from "./asking.ts";
import { crashScenario } from "./crash-scenario.ts";
import { keptThings } from "./kept-things.ts";
import { scenarios } from "./scenarios/index.ts";

const { effect: nth, afterMs } = JSON.parse(process.env.HOLDFAST_TEST_DIE ?? "{}") as {
  readonly effect?: number;
  readonly afterMs?: number;
};

await runAsChild(
  [...scenarios.map(crashScenario), askedAndAnswered(true), keptThings].map(({ name, run }) => ({
    name,
    run: (child) => run(mortal(child)),
  })),
);

function mortal(child: CrashProcess): CrashProcess {
  let count = 0;
  return {
    ...child,
    async effect(key) {
      count += 1;
      if (count === nth) setTimeout(() => process.kill(process.pid, "SIGKILL"), afterMs);
      await child.effect(key);
    },
  };
}
