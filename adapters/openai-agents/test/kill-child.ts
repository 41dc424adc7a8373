// The scenarios as processes that kill themselves in one of their effects: after more than are ever
// under way at once, or some would never come to their end.
import {
  type CrashProcess,
  killsItself,
  runAsChild,
} from "../../../conformance/src/crash/index.ts";
import { allAtOnce, LASTING, type Lasting } from "./all-at-once.ts";
import { crashScenario } from "./crash-scenario.ts";
import { replayed } from "./replayed.ts";
import { approvals } from "./scenarios/approvals.ts";
import { deepApprovals } from "./scenarios/deep-approvals.ts";

const DIES_IN = 4;
const DIES_IN_OF_ALL = 100;

const asking = crashScenario(approvals);
const approved = crashScenario(deepApprovals);
const all = allAtOnce(JSON.parse(process.env[LASTING] ?? "{}") as Lasting);

await runAsChild([
  { ...approved, run: (child) => approved.run(diesWhenApproved(child)) },
  { ...all, run: (child) => replayed(all).run(diesOfAll(child)) },
  { ...asking, run: (child) => asking.run(killsItself(child, DIES_IN, "after")) },
]);

/** The first process in the first effect of each part, when all have come to theirs. */
function diesOfAll(child: CrashProcess): CrashProcess {
  if (child.nth > 1) return killsItself(child, DIES_IN_OF_ALL, "after");
  const left = new Set(all.parts!.map(({ name }) => `${name}: `));
  return {
    ...child,
    async effect(key) {
      await child.effect(key);
      for (const name of left) if (key.startsWith(name)) left.delete(name);
      if (left.size === 0) process.kill(process.pid, "SIGKILL");
      await new Promise(() => {});
    },
  };
}

/** The first in the tool that a person has approved, the others as those of the app that asks. */
function diesWhenApproved(child: CrashProcess): CrashProcess {
  if (child.nth > 1) return killsItself(child, DIES_IN, "after");
  const dying = killsItself(child, 1, "after");
  return {
    ...child,
    effect: (key) => (key.startsWith("tool: ") ? dying.effect(key) : child.effect(key)),
  };
}
